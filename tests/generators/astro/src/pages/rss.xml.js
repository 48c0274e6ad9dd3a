import rss from '@astrojs/rss';
import { getCollection } from 'astro:content';

const dated = (id) => id.split('/').pop().replace(/^\d{4}-\d{2}-\d{2}-/, '');

export async function GET(context) {
  const posts = await getCollection('posts');
  const notes = await getCollection('notes', ({ data }) => !data.draft);
  return rss({
    title: 'Corners',
    description: 'd',
    site: context.site,
    items: [
      ...posts.map((post) => ({
        title: post.data.title,
        pubDate: new Date(post.data.day),
        link: `${import.meta.env.BASE_URL}/${new Date(post.data.day).getUTCFullYear()}/${String(new Date(post.data.day).getUTCMonth() + 1).padStart(2, '0')}/${dated(post.id)}`,
      })),
      ...notes.map((note) => ({ title: note.data.title, pubDate: new Date(note.data.day), link: `${import.meta.env.BASE_URL}/notes/${note.id}` })),
    ],
  });
}
