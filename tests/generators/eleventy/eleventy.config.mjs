import { feedPlugin } from "@11ty/eleventy-plugin-rss";
export default function(c){ for (const n of ["posts","notes"]) c.addPlugin(feedPlugin,{type:"atom",outputPath:"/"+n+".xml",collection:{name:n,limit:0},metadata:{language:"en",title:n,base:"https://e.org/",author:{name:"Feed Author"}}}); }
export const config={dir:{input:"src",output:"_site"},templateFormats:["md","njk","html"]};
