import { acceptedFormats, type ShownNode, type UploadRow } from '@cambium/client';
import type { FileRow } from '@cambium/protocol';
import { type DragEvent, useMemo, useRef, useState } from 'react';

import { useChannel, useClient } from '../shared/client.ts';
import { Icon } from '../shared/icon.tsx';
import { useLive } from '../shared/live.ts';
import { useAttempt } from '../shared/notice.tsx';
import { bytesInWords } from '../shared/words.ts';
import { attachFile } from '../tree/files.ts';
import { UploadProgress } from './upload-progress.tsx';

/** The files of a node: attach by button or drop, open, remove; those on their way show how far they are. */
export function FileList({ node }: { node: ShownNode }) {
  const client = useClient();
  const channel = useChannel();
  const attempt = useAttempt();
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const files = useLive(useMemo(() => channel.files$(node.id), [channel, node.id])) ?? [];
  const uploads = (useLive(client.files.uploads$) ?? []).filter((upload) => upload.contentnode === node.id);

  const attach = (chosen: Iterable<File>) => {
    for (const file of chosen) attempt(() => attachFile(client, node.id, file));
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    attach(event.dataTransfer.files);
  };
  const remove = (file: FileRow) =>
    attempt(() =>
      uploads.some(({ id }) => id === file.id)
        ? client.files.cancel(file.id)
        : channel.change({ type: 'DELETED', table: 'file', key: file.id }),
    );
  const reading = uploads.filter((upload) => !files.some(({ id }) => id === upload.id));

  return (
    <section
      className={over ? 'files over' : 'files'}
      aria-label="Files"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header>
        <span>Files</span>
        <button className="button small" onClick={() => chooser.current?.click()}>
          <Icon name="attach" /> Attach
        </button>
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label="File to attach"
          accept={acceptedFormats(node.kind)}
          onChange={(event) => {
            attach(event.target.files ?? []);
            event.target.value = '';
          }}
        />
      </header>
      {files.length + reading.length === 0 && (
        <p className="hint">Drop a file here: {acceptedFormats(node.kind).replaceAll(',', ' ')}</p>
      )}
      <ul>
        {files.map((file) => (
          <FileItem
            key={file.id}
            file={file}
            upload={uploads.find(({ id }) => id === file.id)}
            onRemove={() => remove(file)}
          />
        ))}
        {reading.map((upload) => (
          <li key={upload.id}>
            <span className="file-name">{upload.name}</span>
            <UploadProgress upload={upload} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function FileItem({ file, upload, onRemove }: { file: FileRow; upload: UploadRow | undefined; onRemove: () => void }) {
  return (
    <li>
      <span className="file-line">
        {file.url ? (
          <a className="file-name" href={file.url} target="_blank" rel="noreferrer">
            {file.original_filename}
          </a>
        ) : (
          <span className="file-name">{file.original_filename}</span>
        )}
        <span className="file-size">{file.file_size !== null && bytesInWords(file.file_size)}</span>
        <button className="icon-button" aria-label={`Remove ${file.original_filename}`} onClick={onRemove}>
          <Icon name="cross" />
        </button>
      </span>
      {upload ? (
        <UploadProgress upload={upload} />
      ) : (
        !file.uploaded && <span className="hint">Its bytes have not reached the server yet.</span>
      )}
    </li>
  );
}
