// One native search, quadratic at worst: a tight loop over bytes.
'a'.repeat(2e4).indexOf('a'.repeat(1e4) + 'b');
