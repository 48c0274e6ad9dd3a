AUTHOR='Def'; SITENAME='T'; SITEURL='https://e.org'; PATH='content'; TIMEZONE='Europe/Vienna'; DEFAULT_LANG='en'
FEED_ALL_ATOM='feeds/all.atom.xml'; FEED_MAX_ITEMS=None; THEME='simple'
