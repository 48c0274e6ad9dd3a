import { defineConfig } from 'astro/config';
import mdx from '@astrojs/mdx';
export default defineConfig({ site: 'https://e.org', base: '/b/', trailingSlash: 'never', integrations: [mdx()] });
