import { version } from 'react'
import { expect, test } from 'vitest'
import { testServerRendering } from './server-rendering.ts'

test('this is React 19', () => expect(version).toMatch(/^19\./))

testServerRendering('19', () => import('react-dom/server'))
