//! The page at `/`: every feed, for people and for readers that look for feeds in pages.

use askama::Template;

use super::opml::Outline;
use crate::feed::Site;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html{% if let Some(language) = site.language %} lang="{{ language }}"{% endif %}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ site.title }} – feeds</title>
{% for feed in feeds -%}
<link rel="alternate" type="application/atom+xml" title="{{ feed.title }}" href="{{ site.feeds_url }}{{ feed.path }}.atom">
<link rel="alternate" type="application/rss+xml" title="{{ feed.title }}" href="{{ site.feeds_url }}{{ feed.path }}.rss">
<link rel="alternate" type="application/feed+json" title="{{ feed.title }}" href="{{ site.feeds_url }}{{ feed.path }}.json">
{% endfor -%}
</head>
<body>
<h1>{{ site.title }}</h1>
<p>Copy the address of a feed into your reader, or import <a href="{{ site.feeds_url }}feeds.opml">all of them</a>. The articles are at <a href="{{ site.url }}">{{ site.url }}</a>.</p>
<ul>
{% for feed in feeds -%}
<li>{{ feed.title }}: <a href="{{ site.feeds_url }}{{ feed.path }}.atom">Atom</a>, <a href="{{ site.feeds_url }}{{ feed.path }}.rss">RSS</a>, <a href="{{ site.feeds_url }}{{ feed.path }}.json">JSON</a></li>
{% endfor -%}
</ul>
</body>
</html>
"#
)]
struct Page<'a> {
    site: &'a Site,
    feeds: &'a [Outline],
}

pub fn render(feeds: &[Outline], site: &Site) -> Vec<u8> {
    Page { site, feeds }.render().expect("a template without filters does not fail").into_bytes()
}
