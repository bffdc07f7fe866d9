// Calls: Fibonacci numbers by plain recursion.
function fib(n) {
  return n <= 1 ? 1 : fib(n - 1) + fib(n - 2);
}
fib(20);
