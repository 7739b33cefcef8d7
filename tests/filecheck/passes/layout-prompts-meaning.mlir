// RUN: kumeo-opt %s -p 'layout-prompts{lines-first=true}' --check-semantics=2 --remarks 2>&1 | filecheck %s
// RUN: kumeo-opt %s -p layout-prompts --check-semantics=2 --remarks 2>&1 | filecheck %s --check-prefix JUDGED

// With an option that changes the text the pass is not judged; without one it is.
// CHECK: layout-prompts: what it does is not checked: this pass means to change what workflows do
// JUDGED-NOT: not checked
workflow.workflow @Order {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%s: !data.str) {
    %p = data.format "{{ s }}\0ABe brief." (s = %s)
    %r = agent.llm "m" (prompt = %p) id "r" site "r" : (!data.str) -> i1
    workflow.emit %r : i1 to @t site "e"
    workflow.return
  }
}
