/** What the files want, whichever form each document has, and every mistake in all of them. */
import { fromApiForm } from './api-form.ts'
import { fromArmTemplate, isArmTemplate, type Deployment } from './arm-template.ts'
import { readDocuments, type ReadDocument } from './document.ts'
import { fromOwnForm, type Understood } from './own-form.ts'

export interface SourceFile {
  readonly file: string
  readonly text: string
}

export function understand(files: readonly SourceFile[], deployment: Deployment): Understood {
  const understood = files.flatMap(({ file, text }) => {
    const { documents, mistakes } = readDocuments(text, file)
    return [{ policies: [], mistakes }, ...documents.map((document) => fromDocument(document, deployment))]
  })
  return {
    policies: understood.flatMap(({ policies }) => policies),
    mistakes: understood.flatMap(({ mistakes }) => mistakes),
  }
}

function fromDocument(document: ReadDocument, deployment: Deployment): Understood {
  const { value } = document
  if (isArmTemplate(value)) return fromArmTemplate(document, deployment)
  if (isApiPolicy(value)) return fromApiForm(value, document)
  if (!Array.isArray(value)) return fromOwnForm(document)
  const all = value.map((item: unknown, index) => fromApiForm(item, document, [index]))
  return { policies: all.flatMap(({ policies }) => policies), mistakes: all.flatMap(({ mistakes }) => mistakes) }
}

function isApiPolicy(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'properties' in value
}
