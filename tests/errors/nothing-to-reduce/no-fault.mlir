// RUN: kumeo-reduce %s --check-semantics cse
builtin.module {
  func.func private @f() -> i64
}
