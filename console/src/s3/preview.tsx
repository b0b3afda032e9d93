/** What an object looks like: pictures, text, JSON, tables, films. It is never run: what is a page or a script is shown as text. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { useEffect, useState, type ReactNode } from 'react';
import { useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { s3 } from './client.ts';
import { messages } from './messages.ts';

const textBytesMax = 512 * 1024;
const mediaBytesMax = 64 * 1024 * 1024;
const rowsMax = 200;

type Kind = 'image' | 'video' | 'audio' | 'json' | 'csv' | 'text' | 'none';

/** By the type that was stored, then by the ending. */
function kindOf(key: string, type: string): Kind {
  const ending = /\.(\w+)$/.exec(key)?.[1]?.toLowerCase() ?? '';
  if (/^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon)/.test(type) || /^(png|jpe?g|gif|webp|avif|bmp|svg|ico)$/.test(ending))
    return 'image';
  if (/^video\/(mp4|webm|ogg)/.test(type) || /^(mp4|webm)$/.test(ending)) return 'video';
  if (type.startsWith('audio/') || /^(mp3|ogg|wav|flac)$/.test(ending)) return 'audio';
  if (/json/.test(type) || ending === 'json') return 'json';
  if (/csv/.test(type) || ending === 'csv') return 'csv';
  if (/^text\/|xml|javascript|yaml|toml/.test(type) || /^(txt|md|log|ya?ml|toml|xml|html?|css|[jt]sx?|py|sh|tf|sql|ini|conf)$/.test(ending))
    return 'text';
  return 'none';
}

type Shown = { bucket: string; objectKey: string; version: string | undefined; size: number; type: string };

export function Preview({ bucket, objectKey, version, size, type }: Shown) {
  const t = useText(messages);
  const kind = kindOf(objectKey, type);
  const media = kind === 'image' || kind === 'video' || kind === 'audio';
  const shown = kind !== 'none' && (!media || size <= mediaBytesMax);
  return (
    <Container header={<Header variant="h2">{t.preview}</Header>}>
      {shown ? (
        <Contents key={objectKey} bucket={bucket} objectKey={objectKey} version={version} kind={kind} size={size} type={type} />
      ) : (
        <Box color="text-body-secondary">{kind === 'none' ? t.previewNone : t.previewTooLarge}</Box>
      )}
    </Container>
  );
}

function Contents({ bucket, objectKey, version, kind, size, type }: Shown & { kind: Kind }) {
  const t = useText(messages);
  const s = useText(shared);
  const media = kind === 'image' || kind === 'video' || kind === 'audio';
  const { value, error } = useAnswer(async () => {
    const cut = !media && size > textBytesMax;
    const { Body } = await s3().send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: objectKey,
        ...(version && { VersionId: version }),
        ...(cut && { Range: `bytes=0-${textBytesMax - 1}` }),
      }),
    );
    const bytes = await Body!.transformToByteArray();
    return media ? { bytes } : { text: new TextDecoder().decode(bytes), cut };
  }, [bucket, objectKey, version]);
  if (error !== undefined) return <FailureAlert error={error} />;
  if (!value) return <Box color="text-body-secondary">{s.loading}</Box>;
  if (value.bytes) return <Media bytes={value.bytes} kind={kind} type={type} name={objectKey} />;
  return (
    <>
      {value.cut && <Box color="text-status-warning">{t.previewTooLarge}</Box>}
      {kind === 'csv' ? <Csv text={value.text!} /> : <div className="code">{plain(kind, value.text!)}</div>}
    </>
  );
}

function plain(kind: Kind, text: string): ReactNode {
  let shown = text;
  if (kind === 'json') {
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // Cut off, or not JSON after all: shown as it is.
    }
  }
  return <Box variant="pre">{shown}</Box>;
}

/** A browser knows most pictures by their first bytes, but not those that are text. */
const typeShown = (name: string, type: string): string =>
  !type.startsWith('image/') && /\.svg$/i.test(name) ? 'image/svg+xml' : type || 'application/octet-stream';

/** From memory, as an image or film and nothing else: a picture that holds a script does not run it. */
function Media({ bytes, kind, type, name }: { bytes: Uint8Array; kind: Kind; type: string; name: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: typeShown(name, type) }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, name, type]);
  if (url === undefined) return null;
  if (kind === 'image') return <img className="preview" src={url} alt={name} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption -- objects come without captions
  return kind === 'video' ? <video className="preview" src={url} controls /> : <audio src={url} controls />;
}

function Csv({ text }: { text: string }) {
  const rows = parseCsv(text).slice(0, rowsMax + 1);
  const [head = [], ...body] = rows;
  return (
    <Table
      variant="embedded"
      items={body}
      columnDefinitions={head.map((name, at) => ({ id: String(at), header: name, cell: (row: string[]) => row[at] ?? '' }))}
    />
  );
}

/** RFC 4180: quotes, doubled quotes, line ends within quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ',' || letter === '\n') {
      rows.at(-1)!.push(cell.replace(/\r$/, ''));
      cell = '';
      if (letter === '\n') rows.push([]);
    } else cell += letter;
  }
  rows.at(-1)!.push(cell);
  return rows.filter((row) => row.length > 1 || row[0] !== '');
}
