module.exports={title:'x',url:'https://e.org',baseUrl:'/base/'};
