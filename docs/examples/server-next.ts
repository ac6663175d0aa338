import { uploads } from './server-uploads.ts'

export const runtime = 'nodejs'
export { uploads as POST }
