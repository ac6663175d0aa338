import {
  Component,
  CUSTOM_ELEMENTS_SCHEMA,
  effect,
  input,
  linkedSignal,
  type Signal,
  signal,
} from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { Uploader, type UploadLike } from 'longhaul'
import { defineUploadElement } from 'longhaul/element'
import { RemoteUploader } from 'longhaul/remote'
import { ending, options } from './app.js'

const isRemote = location.search === '?in-a-worker'
const makeWorker = () => new Worker(new URL('./upload-worker', import.meta.url), { type: 'module' })
const uploader = isRemote ? new RemoteUploader(makeWorker) : new Uploader(options)

/** As in docs/frameworks.md. */
function statusOf(upload: () => UploadLike): Signal<string> {
  const status = linkedSignal(() => upload().state.status as string)
  effect((onCleanup) => {
    const followed = upload()
    const changed = () => status.set(followed.state.status)
    onCleanup(followed.on('state', changed))
    changed()
  })
  return status.asReadonly()
}

@Component({ selector: 'app-row', template: '{{ upload().identity.name }}: {{ status() }}' })
class Row {
  readonly upload = input.required<UploadLike>()
  readonly status = statusOf(this.upload)
}

@Component({
  selector: 'app-root',
  imports: [Row],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <input type="file" (change)="pick($event)" />
    @for (upload of uploads(); track upload.id) {
      <app-row [upload]="upload" />
    }
    <output>{{ ended() }}</output>
    <p>{{ key() }}</p>
    <longhaul-upload [uploader]="uploader" [disabled]="true" (done)="key.set($event.detail.result.key)" />
  `,
})
class App {
  readonly uploader = uploader
  readonly uploads = signal<readonly UploadLike[]>([])
  readonly ended = signal('')
  /** The key that the element tells. */
  readonly key = signal('')

  async pick({ target }: Event): Promise<void> {
    const [file] = (target as HTMLInputElement).files ?? []
    if (file === undefined) return
    const upload = uploader.uploadFile(file)
    this.uploads.set([upload])
    this.ended.set(await ending(upload))
  }
}

defineUploadElement()
bootstrapApplication(App).catch((error) => console.error(error))
