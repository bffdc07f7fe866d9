// Fills a new array.
new Array(1e5).fill(1).length;
