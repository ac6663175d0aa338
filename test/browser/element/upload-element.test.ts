import axe from 'axe-core'
import { afterEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { defineUploadElement, UploadElement, type UploadElementEvents } from '../../../src/element/index.ts'
import { BackendError, FileUnreadableError, Uploader } from '../../../src/index.ts'
import { RemoteUpload, RemoteUploader, serveUploader } from '../../../src/remote/index.ts'
import { FakeBackend } from '../../fakes/backend.ts'
import { fakeWorker } from '../../fakes/worker.ts'
import { until } from '../../until.ts'
import { canDrag, dragAndDrop } from '../drag.ts'
import { fileOf, leave, type Stand, stand } from '../stand.ts'

defineUploadElement()

const placed: UploadElement[] = []

afterEach(() => {
  for (const element of placed.splice(0)) element.remove()
  document.documentElement.style.colorScheme = ''
})

type Placed = Stand & { readonly element: UploadElement; readonly uploader: Uploader }

function place(attributes: Readonly<Record<string, string>> = { multiple: '' }, on: Stand = stand()): Placed {
  const element = document.createElement('longhaul-upload')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  const uploader = new Uploader(on.options)
  element.uploader = uploader
  document.body.append(element)
  placed.push(element)
  return { ...on, element, uploader }
}

function part(element: UploadElement, name: string, index = 0): HTMLElement {
  const found = element.shadowRoot?.querySelectorAll<HTMLElement>(`[part~='${name}']`)[index]
  if (found === undefined) throw new Error(`no part ${name}`)
  return found
}

function parts(element: UploadElement, name: string): readonly HTMLElement[] {
  return [...(element.shadowRoot?.querySelectorAll<HTMLElement>(`[part~='${name}']`) ?? [])]
}

/** The user's choice in the dialog of the first input, or of the input that asks for a file again. */
function choose(element: UploadElement, files: readonly File[], index = 0): void {
  const input = element.shadowRoot?.querySelectorAll('input')[index]
  if (input === undefined) throw new Error('no input')
  const chosen = new DataTransfer()
  for (const file of files) chosen.items.add(file)
  input.files = chosen.files
  input.dispatchEvent(new Event('change'))
}

function heard<Type extends keyof UploadElementEvents>(
  element: UploadElement,
  type: Type,
): UploadElementEvents[Type][] {
  const details: UploadElementEvents[Type][] = []
  element.addEventListener(type, ({ detail }) => details.push(detail))
  return details
}

/** The announcements to screen readers since then. */
function pageErrors(): () => readonly string[] {
  const messages: string[] = []
  const hear = (event: ErrorEvent): void => {
    event.preventDefault()
    messages.push(event.error.message)
  }
  window.addEventListener('error', hear)
  onTestFinished(() => window.removeEventListener('error', hear))
  return () => messages
}

type Labelled = {
  readonly element: UploadElement
  readonly label: HTMLLabelElement
  /** How often it was opened. The browser's own picker cannot be tested. */
  pickers(): number
}

function labelled(html: string): Labelled {
  const host = document.createElement('div')
  host.innerHTML = html
  document.body.append(host)
  onTestFinished(() => host.remove())
  const [element, label] = [host.querySelector('longhaul-upload'), host.querySelector('label')]
  if (element === null || label === null) throw new Error('no element with a label')
  element.uploader = new Uploader(stand().options)
  let opened = 0
  element.shadowRoot?.querySelector('input')?.addEventListener('click', (event) => {
    event.preventDefault()
    opened += 1
  })
  return { element, label, pickers: () => opened }
}

/** What axe finds. Fails if axe did not look at the parts that matter here. */
async function violations(element: UploadElement): Promise<unknown> {
  const { violations: found, passes } = await axe.run(element)
  const looked = passes.map(({ id }) => id)
  expect(looked).toEqual(expect.arrayContaining(['button-name', 'color-contrast', 'list']))
  return found.map(({ id, nodes }) => [id, nodes.map(({ failureSummary }) => failureSummary)])
}

test('lays out no rows that are out of sight, of which there may be thousands, and clips nothing of those in sight', async () => {
  const { element, uploader } = place()
  await uploader.uploadFiles(Array.from({ length: 100 }, (_, index) => fileOf(8, `file ${index}`)))
  const isLaidOut = (index: number): boolean =>
    part(element, 'progress', index).checkVisibility({ contentVisibilityAuto: true })
  await until(() => expect([isLaidOut(0), isLaidOut(99)]).toEqual([true, false]))
  const line = part(element, 'upload')
  const { left, right } = line.getBoundingClientRect()
  const end = part(element, 'end').getBoundingClientRect()
  // The focus ring takes two pixels, with two pixels between.
  expect(right - end.right).toBeGreaterThanOrEqual(4)
  expect(end.left - left).toBeGreaterThanOrEqual(4)
})

describe('<longhaul-upload>', () => {
  test('shows the uploads of a RemoteUploader with their parts and buttons, and those of an earlier visit', async () => {
    const on = stand(await leave())
    const { worker, scope } = fakeWorker()
    serveUploader(new Uploader(on.options), scope)
    const { element } = place({ multiple: '', 'max-size': '12' }, stand())
    const uploader = new RemoteUploader(worker)
    element.uploader = uploader
    await until(() => expect(parts(element, 'left')).toHaveLength(1))
    const refused = heard(element, 'refused')
    choose(element, [fileOf(12), fileOf(13, 'large.bin')])
    await until(() => expect(parts(element, 'left')).toHaveLength(0))
    await until(() => expect(refused).toMatchObject([{ name: 'large.bin', error: { code: 'too-large' } }]))
    const bar = (): HTMLElement => part(element, 'progress')
    await until(() => expect(bar().ariaValueNow).toBe('33'))
    expect(part(element, 'parts').style.background).toContain('33.333%')
    part(element, 'next').click()
    await until(() => expect(bar().ariaValueText).toContain('33\u00a0%'))
    await until(() => expect(uploader.uploads[0]?.state.status).toBe('paused'))
    const done = heard(element, 'done')
    part(element, 'next').click()
    await on.transport.storeAll(until(() => expect(done).toMatchObject([{ result: { key: 'the-key' } }])))
    expect(on.transport.sent).not.toContain(1)
    expect(done[0]?.upload).toBeInstanceOf(RemoteUpload)
  })

  test('shows an empty file as at its beginning while its digest is being computed', async () => {
    const on = stand()
    const backend = new FakeBackend({
      fileDigest: (_, { onProgress }) => {
        onProgress?.(0)
        return new Promise(() => {})
      },
    })
    const { element, uploader } = place({}, { ...on, options: { ...on.options, backend } })
    // The beginning is announced once.
    const told = new Promise((resolve) => uploader.on('upload', (upload) => upload.on('hashing', resolve)))
    choose(element, [fileOf(0)])
    await told
    expect(part(element, 'progress').ariaValueText).toBe('Reading, 0\u00a0%')
  })

  test('shows a suspected fault of the storage until a part has arrived', async () => {
    const on = stand()
    Object.assign(on.transport, { reaches: async () => true })
    const retry = { baseDelay: 0 }
    const { element, transport, uploader } = place({}, { ...on, options: { ...on.options, retry } })
    choose(element, [fileOf(8)])
    const error = (): string => [...parts(element, 'error')].map(({ textContent }) => textContent).join('')
    for (let failure = 0; failure < 3; failure++) {
      await until(() => expect([...transport.open].map(({ number }) => number)).toContain(1))
      for (const request of transport.open) if (request.number === 1) request.fail()
    }
    await until(() => expect(error()).toContain('CORS'))
    await until(() => expect(transport.open.size).toBe(2))
    for (const request of [...transport.open].slice(0, 1)) request.store()
    await until(() => expect(error()).toBe(''))
    expect(uploader.uploads.map(({ state }) => state.status)).toEqual(['uploading'])
  })

  test('uploads a chosen file, and shows its bar and the result', async () => {
    const { element, transport } = place()
    const [begun, done] = [heard(element, 'upload'), heard(element, 'done')]
    choose(element, [fileOf(12)])
    ;(await transport.next()).store()
    const bar = (): HTMLElement => part(element, 'progress')
    await until(() => expect(bar().ariaValueNow).toBe('33'))
    expect(bar().role).toBe('progressbar')
    expect(bar().ariaLabel).toBe('file.bin')
    expect(bar().ariaValueText).toBe('Uploading, 33\u00a0%')
    expect(part(element, 'parts').style.background).toContain('var(--_accent) 0.000% 33.333%')
    const [upload] = begun
    await transport.storeAll(Promise.resolve(upload))
    await until(() => expect(done).toMatchObject([{ result: { key: 'the-key' } }]))
    expect(bar().ariaValueNow).toBe('100')
    expect(part(element, 'state').textContent).toBe('Done, 100\u00a0%')
    await until(() => expect(part(element, 'status').textContent).toBe('file.bin: Done'))
  })

  test('announces the failed file first if many files end at once', async () => {
    const { element, transport } = place()
    choose(
      element,
      ['a', 'b', 'c', 'd', 'e'].map((name) => fileOf(4, name)),
    )
    const refused = new BackendError({ endpoint: 'put', field: 'body', expected: 'a part', received: null })
    let answered = 0
    await until(() => {
      for (const request of transport.open) {
        answered += 1
        if (answered < 5) request.store()
        else request.fail(refused)
      }
      expect(answered).toBe(5)
    })
    await until(() => expect(part(element, 'status').textContent).toMatch(/^e: Failed/))
  })

  test('shows the speed and the remaining time every second, and announces them every five', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const { element, transport, uploader } = place()
      element.labels = { left: 'encore {time}', language: 'fr' }
      choose(element, [fileOf(4_000)], 0)
      const state = (): string => part(element, 'state').textContent ?? ''
      ;(await transport.next()).store()
      await until(() => expect(uploader.uploads[0]?.progress.rate).toBeGreaterThan(1))
      expect(state()).toMatch(/^Uploading, \d+\u00a0%$/)
      vi.advanceTimersByTime(1_000)
      expect(state()).toMatch(/^Uploading, \d+\u00a0%, .*o\/s, encore \d+/)
      const told = (): string => part(element, 'progress').ariaValueText ?? ''
      expect(told()).toMatch(/^Uploading, \d+\u00a0%$/)
      vi.advanceTimersByTime(4_000)
      expect(told()).toContain('encore')
      uploader.uploads[0]?.pause()
      await until(() => expect(state()).toMatch(/^Paused, \d+\u00a0%$/))
      expect(told()).toBe(state())
      await uploader.stop()
      await until(() => expect(vi.getTimerCount()).toBe(0))
    } finally {
      vi.useRealTimers()
    }
  })

  test('counts bytes on their way in the announced progress, so that a file of one part does not stay at nothing until its end', async () => {
    const { element, transport } = place()
    choose(element, [fileOf(4)])
    const request = await transport.next()
    request.progress(3)
    await until(() => expect(part(element, 'state').textContent).toBe('Uploading, 75\u00a0%'))
    expect(part(element, 'progress').ariaValueNow).toBe('75')
    request.progress(4)
    // Not stored yet.
    await until(() => expect(part(element, 'progress').ariaValueNow).toBe('99'))
    await transport.storeAll(until(() => expect(part(element, 'progress').ariaValueNow).toBe('100')))
  })

  test('announces files of the same name in two folders with their folders', async () => {
    const { element, uploader } = place()
    for (const folder of ['a', 'b'])
      uploader.uploadFile(fileOf(4, 'same'), { relativePath: `${folder}/same` }).pause()
    expect(parts(element, 'progress').map(({ ariaLabel }) => ariaLabel)).toEqual(['a/same', 'b/same'])
    expect(parts(element, 'end').map(({ ariaLabel }) => ariaLabel)).toEqual([
      'Cancel: a/same',
      'Cancel: b/same',
    ])
    await uploader.stop()
  })

  test('keeps finished uploads in the list when the language changes', async () => {
    const { element, transport, uploader } = place()
    choose(element, [fileOf(4, 'a'), fileOf(4, 'b')])
    await until(() => expect(uploader.uploads).toHaveLength(2))
    await transport.storeAll(Promise.all(uploader.uploads))
    element.labels = { remove: 'Entfernen' }
    expect(parts(element, 'end').map(({ textContent }) => textContent)).toEqual(['Entfernen', 'Entfernen'])
    part(element, 'end').click()
    element.labels = { remove: 'Retirer' }
    expect(parts(element, 'name').map(({ textContent }) => textContent)).toEqual(['b'])
    // The uploads of another Uploader do not belong in this list.
    element.uploader = new Uploader(stand().options)
    expect(parts(element, 'upload')).toEqual([])
  })

  describe('in a form', () => {
    function placeInForm(): Placed & { readonly form: HTMLFormElement } {
      const form = document.createElement('form')
      const all = place({ multiple: '', name: 'video' })
      document.body.append(form)
      form.append(all.element)
      return { ...all, form }
    }

    test('has the keys of the stored files as its value, and blocks submitting while files are under way', async () => {
      const { element, form, transport, uploader } = placeInForm()
      expect(form.checkValidity()).toBe(true)
      choose(element, [fileOf(4, 'a'), fileOf(4, 'b')])
      await until(() => expect(uploader.uploads).toHaveLength(2))
      expect(form.checkValidity()).toBe(false)
      expect(new FormData(form).getAll('video')).toEqual([])
      await transport.storeAll(Promise.all(uploader.uploads))
      await until(() => expect(form.checkValidity()).toBe(true))
      expect(new FormData(form).getAll('video')).toEqual(['the-key', 'the-key'])
      part(element, 'end').click()
      expect(new FormData(form).getAll('video')).toEqual(['the-key'])
      form.remove()
    })

    test('keeps the keys when it leaves the page and comes back', async () => {
      const { element, form, transport, uploader } = placeInForm()
      choose(element, [fileOf(4, 'a')])
      await until(() => expect(uploader.uploads).toHaveLength(1))
      await transport.storeAll(Promise.all(uploader.uploads))
      await until(() => expect(new FormData(form).getAll('video')).toEqual(['the-key']))
      element.remove()
      await new Promise((resolve) => setTimeout(resolve))
      form.append(element)
      expect(new FormData(form).getAll('video')).toEqual(['the-key'])
      expect(parts(element, 'name').map(({ textContent }) => textContent)).toEqual(['a'])
      element.uploader = new Uploader(stand().options)
      expect(new FormData(form).getAll('video')).toEqual([])
      form.remove()
    })

    test('is not blocked by a cancelled upload', async () => {
      const { element, form, transport, uploader } = placeInForm()
      choose(element, [fileOf(4)])
      await transport.next()
      expect(form.checkValidity()).toBe(false)
      await uploader.uploads[0]?.cancel()
      expect(form.checkValidity()).toBe(true)
      expect(new FormData(form).getAll('video')).toEqual([])
      form.remove()
    })

    test('forgets finished uploads at a reset, and keeps those that are under way, paused or failed', async () => {
      const { element, form, transport, uploader } = placeInForm()
      element.setAttribute('max-files', '4')
      choose(element, [fileOf(4, 'stored'), fileOf(4, 'cancelled'), fileOf(8, 'paused'), fileOf(4, 'going')])
      await until(() => expect(uploader.uploads).toHaveLength(4))
      const [stored, cancelled, paused, going] = uploader.uploads
      paused?.pause()
      await cancelled?.cancel()
      await until(() => expect(transport.open.size).toBe(2))
      for (const request of [...transport.open].slice(0, 1)) request.store()
      await stored
      choose(
        element,
        Array.from({ length: 5 }, (_, index) => fileOf(4, `too many ${index}`)),
      )
      await until(() => expect(part(element, 'error').textContent).not.toBe(''))
      await until(() => expect(new FormData(form).getAll('video')).toEqual(['the-key']))
      form.reset()
      expect(new FormData(form).getAll('video')).toEqual([])
      expect(part(element, 'error').textContent).toBe('')
      const names = (): unknown[] => parts(element, 'name').map(({ textContent }) => textContent)
      expect(names()).not.toContain('stored')
      expect(names()).not.toContain('cancelled')
      expect(names()).toEqual(expect.arrayContaining(['paused', 'going']))
      expect([paused?.state.status, going?.state.status]).toEqual(['paused', 'uploading'])
      paused?.resume()
      await transport.storeAll(Promise.all(uploader.uploads))
      await until(() => expect(form.checkValidity()).toBe(true))
      expect(new FormData(form).getAll('video')).toContain('the-key')
      form.remove()
    })

    test('takes no files in a disabled fieldset, says so, and lets uploads under way go on', async () => {
      const { element, form, transport, uploader } = placeInForm()
      choose(element, [fileOf(8, 'going')])
      await transport.next()
      const fieldset = document.createElement('fieldset')
      form.append(fieldset)
      fieldset.append(element)
      const button = part(element, 'choose') as HTMLButtonElement
      const zone = part(element, 'zone')
      expect([button.disabled, zone.part.contains('disabled')]).toEqual([false, false])
      fieldset.disabled = true
      await until(() => expect([button.disabled, zone.part.contains('disabled')]).toEqual([true, true]))
      // axe does not check the contrast of disabled elements.
      expect((await axe.run(element)).violations).toEqual([])
      choose(element, [fileOf(4, 'chosen')])
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(fileOf(4, 'dropped'))
      const drag = (type: string): DragEvent =>
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true })
      zone.dispatchEvent(drag('dragover'))
      expect(zone.part.contains('over')).toBe(false)
      const drop = drag('drop')
      zone.dispatchEvent(drop)
      // Otherwise the browser would open the file in place of the page.
      expect(drop.defaultPrevented).toBe(true)
      fieldset.disabled = false
      await until(() => expect(button.disabled).toBe(false))
      choose(element, [fileOf(4, 'afterwards')])
      await until(() => expect(uploader.uploads).toHaveLength(2))
      expect(uploader.uploads.map(({ identity }) => identity.name)).toEqual(['going', 'afterwards'])
      expect(uploader.uploads[0]?.state.status).toBe('uploading')
      await uploader.stop()
      form.remove()
    })

    test('can also be disabled by its own attribute, from the start', async () => {
      const { element } = place({ multiple: '', disabled: '' })
      const button = part(element, 'choose') as HTMLButtonElement
      expect(button.disabled).toBe(true)
      element.labels = { choose: 'Choisir' }
      expect((part(element, 'choose') as HTMLButtonElement).disabled).toBe(true)
      element.removeAttribute('disabled')
      expect((part(element, 'choose') as HTMLButtonElement).disabled).toBe(false)
    })

    test('can belong to a form elsewhere in the page, as a property, which React sets', () => {
      const form = Object.assign(document.createElement('form'), { id: 'elsewhere' })
      document.body.append(form)
      const { element } = place({ name: 'video' })
      element.form = 'elsewhere'
      expect(element.form).toBe(form)
      element.form = null
      expect([element.form, element.hasAttribute('form')]).toEqual([null, false])
      form.remove()
    })

    test('can be asked for its state like any field, as htmx does before it sends a form', async () => {
      const { element, form, transport, uploader } = placeInForm()
      expect([...form.elements]).toContain(element)
      expect([element.form, element.name, element.willValidate]).toEqual([form, 'video', true])
      expect([element.checkValidity(), element.validationMessage]).toEqual([true, ''])
      choose(element, [fileOf(4)])
      await transport.next()
      const told = vi.fn()
      element.addEventListener('invalid', told)
      expect([element.checkValidity(), element.reportValidity()]).toEqual([false, false])
      expect(told).toHaveBeenCalledTimes(2)
      expect(element.validity.customError).toBe(true)
      expect(element.validationMessage).toBe(element.labels.busy)
      await uploader.stop()
      form.remove()
    })

    test('takes no part in the form without a name', async () => {
      const { element, form, transport, uploader } = placeInForm()
      element.removeAttribute('name')
      choose(element, [fileOf(4)])
      await transport.next()
      expect(form.checkValidity()).toBe(true)
      await uploader.stop()
      form.remove()
    })
  })

  test('has buttons to pause, resume and cancel, which keep their place and the focus', async () => {
    const { element, transport, uploader } = place()
    choose(element, [fileOf(8)])
    await transport.next()
    const [next, end] = [part(element, 'next'), part(element, 'end')]
    next.focus()
    next.click()
    expect([next.textContent, next.ariaLabel]).toEqual(['Resume', 'Resume: file.bin'])
    expect(uploader.uploads[0]?.state.status).toBe('paused')
    next.click()
    await until(() => expect(next.textContent).toBe('Pause'))
    expect(element.shadowRoot?.activeElement).toBe(next)
    end.click()
    await until(() => expect(uploader.uploads).toEqual([]))
    expect([next.hidden, end.textContent]).toEqual([true, 'Remove'])
    expect(element.shadowRoot?.activeElement).toBe(end)
    end.click()
    expect(parts(element, 'upload')).toEqual([])
    expect(element.shadowRoot?.activeElement).toBe(part(element, 'choose'))
  })

  test('says what is wrong after a failure, and offers to try again', async () => {
    const { element, transport } = place()
    const failed = heard(element, 'failed')
    choose(element, [fileOf(4)])
    ;(await transport.next()).fail()
    await until(() => expect(failed).toMatchObject([{ error: { code: 'network' } }]))
    expect(part(element, 'error', 1).textContent).toContain('Check the connection')
    part(element, 'next').click()
    ;(await transport.next()).store()
    await until(() => expect(part(element, 'upload').dataset['status']).toBe('done'))
  })

  test('announces if the file that was picked again is another file', async () => {
    const { element, transport, uploader } = place()
    choose(element, [fileOf(4)])
    const request = await transport.next()
    const gone = new FileUnreadableError('file.bin')
    request.fail(gone)
    await until(() => expect(part(element, 'next').textContent).toBe('Choose the file again'))
    const click = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => {})
    part(element, 'next').click()
    click.mockRestore()
    choose(element, [fileOf(5)], 1)
    await until(() => expect(part(element, 'status').textContent).toContain('Expected "file.bin"'))
    await uploader.stop()
  })

  test('announces in the language of the page, also about uploads of an earlier visit', async () => {
    const { element } = place({}, stand(await leave()))
    element.labels = { errors: { 'file-changed': 'Das ist eine andere Datei.' } }
    await until(() => expect(parts(element, 'left')).toHaveLength(1))
    const click = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => {})
    part(element, 'resume').click()
    click.mockRestore()
    choose(element, [fileOf(13)], 1)
    await until(() => expect(part(element, 'error', 1).textContent).toBe('Das ist eine andere Datei.'))
  })

  test('does not show an upload of an earlier visit as starting from nothing when it goes on', async () => {
    const { element, uploader } = place({}, stand(await leave()))
    await until(() => expect(parts(element, 'left')).toHaveLength(1))
    const [left] = await uploader.interrupted()
    left?.resume(fileOf(12))
    expect(part(element, 'state', 1).textContent).toBe('Waiting, 33\u00a0%')
    await uploader.stop()
  })

  test('keeps names visible and nothing overlapping on a narrow page and with large letters', async () => {
    const { element, uploader } = place({ multiple: '' }, stand(await leave()))
    element.style.width = '320px'
    choose(element, [fileOf(20, 'holidays in the mountains, day 3.mp4')])
    await until(() => expect([parts(element, 'left'), parts(element, 'upload')]).toMatchObject([[{}], [{}]]))
    for (const size of ['16px', '32px']) {
      element.style.fontSize = size
      for (const line of [part(element, 'left'), part(element, 'upload')]) {
        const box = (name: string): DOMRect | undefined =>
          line.querySelector(`[part='${name}']`)?.getBoundingClientRect()
        const [name, state, actions] = [box('name'), box('state'), box('actions')]
        expect(name?.width).toBeGreaterThan(200)
        expect(actions?.bottom).toBeLessThanOrEqual(state?.top ?? 0)
        expect(line.scrollWidth).toBeLessThanOrEqual(320)
      }
    }
    await uploader.stop()
  })

  test('keeps a name that changes the text direction from reversing the words after it', async () => {
    const { element } = place({ 'max-size': '4' })
    choose(element, [fileOf(5, 'evil\u202efdp.exe')])
    await until(() =>
      expect(part(element, 'error').textContent).toBe('evil\u202efdp.exe: This file is too large.'),
    )
    expect(part(element, 'error').querySelector('bdi')?.textContent).toBe('evil\u202efdp.exe')
  })

  test('refuses files that its attributes do not accept, and says so', async () => {
    const { element, uploader } = place({ multiple: '', accept: '.bin', 'max-size': '8', 'max-files': '1' })
    const refused = heard(element, 'refused')
    choose(element, [fileOf(4, 'a.txt'), fileOf(9, 'b.bin'), fileOf(4, 'c.bin'), fileOf(4, 'd.bin')])
    await until(() =>
      expect(refused.map(({ error }) => error.code)).toEqual(['not-accepted', 'too-large', 'too-many']),
    )
    expect(uploader.uploads.map(({ identity }) => identity.name)).toEqual(['c.bin'])
    expect(part(element, 'error').textContent).toContain('a.txt: Files of this type are not accepted')
    expect(element.shadowRoot?.querySelector('input')?.accept).toBe('.bin')
  })

  test.each([
    ['max-size', 'abc'],
    ['max-size', '5 MB'],
    ['max-size', ''],
    ['max-size', '-1'],
    ['max-files', '1.5'],
  ])('reports %s="%s" at once as an error of the page, and loses no file over it', async (name, value) => {
    const told = pageErrors()
    const { element, transport } = place({ multiple: '', [name]: value })
    expect(told()).toEqual([`Expected \`${name}\` to be a whole number >= 0, got "${value}"`])
    expect([element.maxSize, element.maxFiles]).toEqual([undefined, undefined])
    const done = heard(element, 'done')
    choose(element, [fileOf(4), fileOf(5)])
    await transport.storeAll(until(() => expect(done).toHaveLength(2)))
  })

  test('says so, visibly and to screen readers, if no upload can begin, such as without a worker', async () => {
    const told = pageErrors()
    const { element } = place()
    const refuse = (): never => {
      throw new Error('Workers are forbidden here')
    }
    element.uploader = new RemoteUploader(refuse)
    choose(element, [fileOf(4)])
    await until(() => expect(part(element, 'error').textContent).toBe('Workers are forbidden here'))
    await until(() => expect(part(element, 'status').textContent).toBe('Workers are forbidden here'))
    expect(told()).toEqual(['Workers are forbidden here'])
    element.uploader = new Uploader(stand().options)
    choose(element, [fileOf(4)])
    await until(() => expect(parts(element, 'upload')).toHaveLength(1))
    expect(part(element, 'error').textContent).toBe('')
  })

  describe('its label', () => {
    test.each([
      ['for it', '<label for="videos">Videos</label><longhaul-upload id="videos"></longhaul-upload>'],
      ['around it', '<label>Videos <longhaul-upload id="videos"></longhaul-upload></label>'],
    ])("%s opens the picker, with the focus on the element's button", (_, html) => {
      const { element, label, pickers } = labelled(html)
      label.click()
      expect(pickers()).toBe(1)
      expect(element.shadowRoot?.activeElement).toBe(part(element, 'choose'))
      part(element, 'hint').click()
      element.disabled = true
      label.click()
      expect(pickers()).toBe(1)
    })

    test('focus() and click() work on the element as on an input', () => {
      const { element, pickers } = labelled('<label><longhaul-upload></longhaul-upload></label>')
      element.focus()
      expect(element.shadowRoot?.activeElement).toBe(part(element, 'choose'))
      element.click()
      expect(pickers()).toBe(1)
    })
  })

  test('takes one file if it does not have the attribute multiple', async () => {
    const { element, uploader } = place({})
    const refused = heard(element, 'refused')
    choose(element, [fileOf(4, 'a'), fileOf(4, 'b')])
    await until(() => expect(refused).toMatchObject([{ name: 'b', error: { code: 'too-many' } }]))
    expect(uploader.uploads).toHaveLength(1)
  })

  test.runIf(canDrag)('takes dropped folders, with its params', async () => {
    const { element, uploader, backend } = place()
    element.params = { album: '42' }
    const { x, y } = part(element, 'zone').getBoundingClientRect()
    await dragAndDrop(inject('dropped'), x + 10, y + 10)
    await until(() => expect(uploader.uploads).toHaveLength(122))
    await until(() => expect(backend.opened[0]?.params).toEqual({ album: '42' }))
    expect(parts(element, 'name').map(({ textContent }) => textContent)).toContain('dropped/inner/b.txt')
    await uploader.stop()
  })

  test('shows a name as it is, whatever characters it has', async () => {
    const { element } = place()
    const name = '<img src=x onerror="document.title=1">.bin'
    choose(element, [fileOf(4, name)])
    await until(() => expect(part(element, 'name').textContent).toBe(name))
    expect(element.shadowRoot?.querySelector('img')).toBeNull()
  })

  test('goes on with an upload of an earlier visit when its file is chosen again', async () => {
    const database = await leave()

    const { element, uploader, transport } = place({}, stand(database))
    await until(() => expect(parts(element, 'left')).toHaveLength(1))
    expect(part(element, 'state').textContent).toBe('33\u00a0%')
    expect(await violations(element)).toEqual([])
    const click = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => {})
    part(element, 'resume').click()
    expect(click).toHaveBeenCalledTimes(1)
    click.mockRestore()
    choose(element, [fileOf(11)], 1)
    await until(() => expect(part(element, 'error', 1).textContent).toContain('Expected "file.bin"'))
    await until(() => expect(part(element, 'status').textContent).toContain('Expected "file.bin"'))
    choose(element, [fileOf(12)], 1)
    await until(() => expect(uploader.uploads).toHaveLength(1))
    await until(() => expect(parts(element, 'left')).toHaveLength(0))
    await transport.next()
    expect(transport.sent).not.toContain(1)
    await uploader.stop()
  })

  test('keeps the focus and its announcements while another browser tab or the picker covers the page', async () => {
    const { element, uploader } = place({}, stand(await leave()))
    await until(() => expect(parts(element, 'left')).toHaveLength(1))
    const resume = part(element, 'resume')
    resume.focus()
    const click = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => {})
    resume.click()
    click.mockRestore()
    choose(element, [fileOf(11)], 1)
    await until(() => expect(part(element, 'error', 1).textContent).toContain('Expected "file.bin"'))
    const looked = vi.spyOn(uploader, 'interrupted')
    document.dispatchEvent(new Event('visibilitychange'))
    await looked.mock.results[0]?.value
    await new Promise((resolve) => setTimeout(resolve))
    expect(part(element, 'error', 1).textContent).toContain('Expected "file.bin"')
    expect(element.shadowRoot?.activeElement).toBe(resume)
  })

  test('can discard an upload of an earlier visit', async () => {
    const database = await leave()
    const { element, backend } = place({}, stand(database))
    await until(() => expect(parts(element, 'left')).toHaveLength(1))
    part(element, 'discard').focus()
    part(element, 'discard').click()
    await until(() => expect(part(element, 'interrupted').hidden).toBe(true))
    expect(element.shadowRoot?.activeElement).toBe(part(element, 'choose'))
    expect(backend.aborted).toEqual(['session-1'])
  })

  test.each(['light', 'dark'])('has no fault that axe finds in the %s theme', async (theme) => {
    document.documentElement.style.colorScheme = theme
    const { element, transport, uploader } = place({ multiple: '', accept: '.bin' })
    element.style.colorScheme = theme
    choose(element, [fileOf(12, 'a.bin'), fileOf(4, 'b.bin'), fileOf(4, 'c.bin'), fileOf(4, 'd.txt')])
    await transport.next()
    await until(() => expect(parts(element, 'upload')).toHaveLength(3))
    uploader.uploads[1]?.pause()
    for (const request of [...transport.open].slice(0, 1)) request.fail()
    await until(() => expect(part(element, 'error').textContent).toContain('d.txt'))
    expect(await violations(element)).toEqual([])
    await uploader.stop()
  })

  test('is light in a light page and dark in a dark one, whatever the system prefers', () => {
    const { element } = place()
    const schemes = ['light', 'dark'].map((scheme) => {
      document.documentElement.style.colorScheme = scheme
      const { colorScheme, color } = getComputedStyle(element)
      return [colorScheme, color]
    })
    expect(schemes).toEqual([
      ['light', 'rgb(27, 31, 36)'],
      ['dark', 'rgb(232, 234, 237)'],
    ])
  })

  test('lets the keyboard reach and use every control', async () => {
    const { element, transport } = place()
    choose(element, [fileOf(8)])
    await transport.next()
    const controls = element.shadowRoot?.querySelectorAll<HTMLElement>('button:not([hidden])') ?? []
    expect(controls).toHaveLength(3)
    for (const control of controls) {
      control.focus()
      expect(element.shadowRoot?.activeElement).toBe(control)
    }
  })

  test('can have its texts in another language', async () => {
    const { element, transport } = place()
    element.labels = { choose: 'Dateien wählen', states: { ...element.labels.states, uploading: 'Lädt' } }
    expect(part(element, 'choose').textContent).toBe('Dateien wählen')
    choose(element, [fileOf(8)])
    await transport.next()
    await until(() => expect(part(element, 'state').textContent).toBe('Lädt, 0\u00a0%'))
    expect(part(element, 'next').textContent).toBe('Pause')
  })

  test('says which file it refuses and why, in the language of the page', async () => {
    const { element } = place({ multiple: '', accept: '.bin', 'max-size': '4' })
    choose(element, [fileOf(5, 'large.bin'), fileOf(1, 'other.txt')])
    const lines = (): unknown => [...part(element, 'error').children].map(({ textContent }) => textContent)
    await until(() =>
      expect(lines()).toEqual([
        'large.bin: This file is too large.',
        'other.txt: Files of this type are not accepted.',
      ]),
    )
    element.labels = { errors: { 'too-large': 'Die Datei ist zu groß.' } }
    choose(element, [fileOf(5, 'large.bin'), fileOf(1, 'other.txt')])
    await until(() =>
      expect(lines()).toEqual([
        'large.bin: Die Datei ist zu groß.',
        'other.txt: Files of this type are not accepted.',
      ]),
    )
  })

  test('says why an upload failed in the language of the page, and lets one text of many be replaced', async () => {
    const { element, transport } = place()
    element.labels = { states: { failed: 'Abgebrochen' }, errors: { network: 'Keine Verbindung.' } }
    choose(element, [fileOf(4)])
    ;(await transport.next()).fail()
    await until(() => expect(part(element, 'error', 1).textContent).toBe('Keine Verbindung.'))
    expect(part(element, 'state').textContent).toContain('Abgebrochen')
  })

  test('shows the uploads of the Uploader that it was given, and leaves that Uploader running when it is removed', async () => {
    const on = stand()
    const uploader = new Uploader(on.options)
    const upload = uploader.uploadFile(fileOf(8))
    await on.transport.next()
    const off = vi.fn()
    const listen = vi.spyOn(uploader, 'on').mockReturnValue(off)
    const { element } = place({}, stand())
    element.uploader = uploader
    expect(parts(element, 'upload')).toHaveLength(1)
    element.remove()
    await until(() => expect(off).toHaveBeenCalledTimes(listen.mock.calls.length))
    expect(off.mock.calls.length).toBeGreaterThan(0)
    expect(upload.state.status).toBe('uploading')
    await on.transport.storeAll(upload)
  })

  test('keeps what it shows when it is moved within the page', async () => {
    const { element, transport } = place()
    choose(element, [fileOf(8)])
    await transport.next()
    const row = part(element, 'upload')
    const other = document.createElement('div')
    document.body.append(other)
    other.append(element)
    await new Promise((resolve) => setTimeout(resolve))
    expect(part(element, 'upload')).toBe(row)
    other.remove()
  })

  test('keeps its looks when it is moved into another window, such as picture-in-picture, and back', async () => {
    const { element, transport } = place()
    choose(element, [fileOf(8)])
    await transport.next()
    const row = part(element, 'upload')
    const display = (): unknown => element.ownerDocument.defaultView?.getComputedStyle(row).display
    expect(display()).toBe('grid')
    const frame = document.createElement('iframe')
    document.body.append(frame)
    frame.contentDocument?.body.append(element)
    expect(element.ownerDocument).not.toBe(document)
    expect([display(), part(element, 'upload')]).toEqual(['grid', row])
    document.body.append(element)
    frame.remove()
    expect([display(), part(element, 'upload')]).toEqual(['grid', row])
  })

  test('can be moved into a document without a window, and back', async () => {
    const failed = vi.fn()
    window.addEventListener('error', failed)
    const { element } = place()
    document.createElement('template').content.append(element)
    document.implementation.createHTMLDocument().body.append(element)
    document.body.append(element)
    window.removeEventListener('error', failed)
    expect(failed).not.toHaveBeenCalled()
    expect(element.shadowRoot?.adoptedStyleSheets).toHaveLength(1)
  })

  test('stops its own Uploader when it is removed or base-url changes', async () => {
    const element = document.createElement('longhaul-upload')
    element.setAttribute('base-url', '/first')
    document.body.append(element)
    placed.push(element)
    const first = element.uploader
    const stop = vi.spyOn(first, 'stop')
    element.setAttribute('base-url', '/second')
    expect(element.uploader).not.toBe(first)
    expect(stop).toHaveBeenCalledTimes(1)
    const stopped = vi.spyOn(element.uploader, 'stop')
    element.remove()
    await until(() => expect(stopped).toHaveBeenCalledTimes(1))
  })

  describe('its attributes as properties, which templates of frameworks set', () => {
    test('are off when they are false, and the attribute follows', () => {
      const { element } = place({})
      Object.assign(element, { disabled: false, multiple: false })
      expect([element.hasAttribute('disabled'), element.hasAttribute('multiple')]).toEqual([false, false])
      Object.assign(element, { disabled: true, multiple: true })
      expect((part(element, 'choose') as HTMLButtonElement).disabled).toBe(true)
      expect(element.shadowRoot?.querySelector('input')?.multiple).toBe(true)
      expect([element.getAttribute('disabled'), element.getAttribute('multiple')]).toEqual(['', ''])
      element.disabled = false
      expect([element.disabled, element.multiple]).toEqual([false, true])
    })

    test('take texts and numbers, and are removed when they are undefined or null', () => {
      const { element } = place({})
      const texts = { accept: 'image/*', name: 'video', baseUrl: '/api', scope: '7' }
      const numbers = { maxSize: 12, maxFiles: 2 }
      Object.assign(element, texts, numbers)
      expect(element).toMatchObject({ ...texts, ...numbers })
      expect(element.getAttribute('base-url')).toBe('/api')
      expect(element.getAttribute('max-size')).toBe('12')
      Object.assign(element, {
        accept: undefined,
        name: null,
        baseUrl: undefined,
        scope: null,
        maxSize: undefined,
      })
      expect(element).toMatchObject({
        accept: '',
        name: '',
        baseUrl: '',
        scope: '',
        maxSize: undefined,
        maxFiles: 2,
      })
      expect(element.getAttributeNames()).toEqual(['max-files'])
    })

    test('are each on its prototype, where Svelte looks for properties that can be set', () => {
      const own = Object.getOwnPropertyDescriptors(UploadElement.prototype)
      const names = Object.entries(own).flatMap(([name, { set }]) => (set ? [name] : []))
      const settable = [
        'uploader',
        'params',
        'labels',
        'disabled',
        'multiple',
        'accept',
        'name',
        'baseUrl',
        'scope',
      ]
      expect(names.toSorted()).toEqual([...settable, 'maxSize', 'maxFiles', 'form'].toSorted())
    })

    test('change nothing when they are set to the same labels or Uploader again, as at every rendering', async () => {
      const { element, transport, uploader } = place()
      element.labels = { choose: 'Choisir' }
      choose(element, [fileOf(8)])
      await transport.next()
      part(element, 'next').focus()
      element.labels = { choose: 'Choisir' }
      element.uploader = uploader
      expect(element.shadowRoot?.activeElement).toBe(part(element, 'next'))
      await uploader.stop()
    })
  })

  test('uses properties that were set before it was defined', async () => {
    const name = `late-${crypto.randomUUID()}`
    const element = document.createElement(name) as UploadElement
    const { options, backend } = stand()
    const uploader = new Uploader(options)
    const given = { uploader, params: { album: '42' }, labels: { choose: 'Dateien wählen' }, maxSize: 4 }
    Object.assign(element, given)
    document.body.append(element)
    placed.push(element)
    defineUploadElement(name)
    expect(part(element, 'choose').textContent).toBe('Dateien wählen')
    const refused = heard(element, 'refused')
    choose(element, [fileOf(5)])
    await until(() => expect(refused).toHaveLength(1))
    choose(element, [fileOf(4)])
    await until(() => expect(backend.opened[0]?.params).toEqual({ album: '42' }))
    const next = new Uploader(stand().options)
    next.uploadFile(fileOf(4)).pause()
    element.uploader = next
    expect(parts(element, 'upload')).toHaveLength(1)
    element.labels = { choose: 'Choisir' }
    expect(part(element, 'choose').textContent).toBe('Choisir')
    await Promise.all([uploader.stop(), next.stop()])
  })

  test('does not animate its bars for users who prefer reduced motion', () => {
    const [sheet] = place().element.shadowRoot?.adoptedStyleSheets ?? []
    const rules = [...(sheet?.cssRules ?? [])]
    const moving = rules.filter(({ cssText }) => /transition|animation/.test(cssText))
    expect(moving.map((rule) => rule instanceof CSSMediaRule && rule.conditionText)).toEqual([
      '(prefers-reduced-motion: no-preference)',
    ])
  })
})
