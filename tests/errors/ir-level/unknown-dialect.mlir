builtin.module attributes {kumeo.level = "workflow"} {
  func.func @f() {
    func.return
  }
}
