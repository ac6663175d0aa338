import { uploads } from './server-uploads'

export const runtime = 'nodejs'
export { uploads as POST }
