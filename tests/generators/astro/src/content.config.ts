import { defineCollection } from 'astro:content'
import { file, glob } from 'astro/loaders'

const ROOT = 'content'

const posts = defineCollection({
  loader: glob({ pattern: '**/[^_]*.{md,mdx}', base: `./${ROOT}/posts` }),
})
const notesCollection = defineCollection({ loader: glob({ base: './content/notes', pattern: '**/*.md' }) })
const drafts = defineCollection({ loader: glob({ base: './content/drafts', pattern: '**/*.md' }) })
const people = defineCollection({ loader: file('content/people.json') })

export const collections = { posts, notes: notesCollection, drafts, people }
