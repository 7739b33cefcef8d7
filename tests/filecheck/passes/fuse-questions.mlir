// RUN: kumeo-opt %s --split-input-file -p fuse-questions | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'fuse-questions, fuse-questions' | filecheck %s

// Agents that ask about one input become one call; the lines that both begin with are written once.
// CHECK-LABEL: workflow.subworkflow @Join
// CHECK-NEXT:  data.format "Mail: {{..}} m {{..}}\0A## a\0ATopic?\0A## b\0AUrgent?\0A" (m = %s)
// CHECK-NEXT:  agent.llm "x" (prompt = {{.*}}) id "a" site "a" cost<latency = 1500000, price = 0.002, tokens = 1000> attributes {kumeo.questions = ["a", "b"]} : (!data.str) -> !data.record<{a: i64, b: i1}>
// CHECK-NEXT:  %[[A:[a-z0-9_]+]] = data.get {{.*}}["a"] : i64
// CHECK-NEXT:  %[[B:[a-z0-9_]+]] = data.get {{.*}}["b"] : i1
// CHECK-NEXT:  workflow.return %[[A]], %[[B]]
workflow.subworkflow @Join (%s: !data.str) -> (i64, i1) {
  %p = data.format "Mail: {{ m }}\0ATopic?" (m = %s)
  %a = agent.llm "x" (prompt = %p) id "a" site "a" : (!data.str) -> i64
  %q = data.format "Mail: {{ m }}\0AUrgent?" (m = %s)
  %b = agent.llm "x" (prompt = %q) id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b : i64, i1
}

// -----

// Agents with the very same prompt keep it.
// CHECK-LABEL: workflow.subworkflow @Same
// CHECK-NEXT:  agent.llm "x" (prompt = %s, system = %s)
// CHECK-NEXT:  data.get
// CHECK-NEXT:  data.get
// CHECK-NEXT:  workflow.return
workflow.subworkflow @Same (%s: !data.str) -> (i64, i1) {
  %a = agent.llm "x" (prompt = %s, system = %s) id "a" site "a" : (!data.str, !data.str) -> i64
  %b = agent.llm "x" (prompt = %s, system = %s) id "b" site "b" : (!data.str, !data.str) -> i1
  workflow.return %a, %b : i64, i1
}

// -----

// Guard: another engine, other settings, another policy or another `system` is another call.
// CHECK-LABEL: workflow.subworkflow @Settings
// CHECK-COUNT-5: agent.llm
// CHECK-NOT:   data.get
workflow.subworkflow @Settings (%s: !data.str) -> (i1, i1, i1, i1, i1) {
  %a = agent.llm "x" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "y" (prompt = %s) id "b" site "b" : (!data.str) -> i1
  %c = agent.llm "x" (prompt = %s) settings {seed = 1 : i64} id "c" site "c" : (!data.str) -> i1
  %d = agent.llm "x" (prompt = %s) id "d" site "d" policy<attempts = 2> : (!data.str) -> i1
  %y = data.constant "y" : !data.str
  %e = agent.llm "x" (prompt = %s, system = %y) id "e" site "e" : (!data.str, !data.str) -> i1
  workflow.return %a, %b, %c, %d, %e : i1, i1, i1, i1, i1
}

// -----

// Guard: prompts that read other values, or that are not plain, are not joined.
// CHECK-LABEL: workflow.subworkflow @Inputs
// CHECK-COUNT-4: agent.llm
// CHECK-NOT:   data.get
workflow.subworkflow @Inputs (%s: !data.str, %t: !data.str) -> (i1, i1, i1, i1) {
  %p = data.format "{{ m }}?" (m = %s)
  %a = agent.llm "x" (prompt = %p) id "a" site "a" : (!data.str) -> i1
  %q = data.format "{{ m }}!" (m = %t)
  %b = agent.llm "x" (prompt = %q) id "b" site "b" : (!data.str) -> i1
  %k = data.format "{% if m %}a{% endif %}" (m = %s)
  %c = agent.llm "x" (prompt = %k) id "c" site "c" : (!data.str) -> i1
  %l = data.format "{% if m %}b{% endif %}" (m = %s)
  %d = agent.llm "x" (prompt = %l) id "d" site "d" : (!data.str) -> i1
  workflow.return %a, %b, %c, %d : i1, i1, i1, i1
}

// -----

// Guard: an agent with a fallback answers for itself.
// CHECK-LABEL: workflow.subworkflow @Fallback
// CHECK-COUNT-2: agent.llm
// CHECK-NOT:   data.get
workflow.subworkflow @Fallback (%s: !data.str, %x: i1) -> (i1, i1) {
  %a = agent.llm "x" (prompt = %s) id "a" site "a" fallback {
    agent.yield %x : i1
  } : (!data.str) -> i1
  %b = agent.llm "x" (prompt = %s) id "b" site "b" fallback {
    agent.yield %x : i1
  } : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Guard: agents of different blocks, and agents with an awaited act between them, are not joined.
// CHECK-LABEL: workflow.subworkflow @Places
// CHECK-COUNT-3: agent.llm
// CHECK-NOT:   data.get
workflow.subworkflow @Places (%s: !data.str, %x: i1) -> (i1, i1, i1) {
  %a = agent.llm "x" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %r = workflow.if %x -> (i1) {
    %b = agent.llm "x" (prompt = %s) id "b" site "b" : (!data.str) -> i1
    workflow.yield %b : i1
  } else {
    workflow.yield %x : i1
  }
  %v = agent.review (input = %s) settings {} id "v" site "v" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  %c = agent.llm "x" (prompt = %s) id "c" site "c" : (!data.str) -> i1
  workflow.return %a, %r, %c : i1, i1, i1
}

// -----

// A prompt that something else reads, too, stays for it.
// CHECK-LABEL: workflow.subworkflow @PromptStays
// CHECK-NEXT:  %p = data.format "Mail: {{..}} m {{..}}\0ATopic?" (m = %s)
// CHECK-NEXT:  %[[J:[a-z0-9_]+]] = data.format
// CHECK-NEXT:  agent.llm "x" (prompt = %[[J]])
// CHECK:       workflow.return %{{.*}}, %{{.*}}, %p
workflow.subworkflow @PromptStays (%s: !data.str) -> (i1, i1, !data.str) {
  %p = data.format "Mail: {{ m }}\0ATopic?" (m = %s)
  %a = agent.llm "x" (prompt = %p) id "a" site "a" : (!data.str) -> i1
  %q = data.format "Mail: {{ m }}\0AUrgent?" (m = %s)
  %b = agent.llm "x" (prompt = %q) id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b, %p : i1, i1, !data.str
}

// -----

// Guard: a rule that is called `prompt` is no question, and a joined call is not joined again.
// CHECK-LABEL: workflow.subworkflow @NoQuestion
// CHECK-COUNT-2: agent.decide
// CHECK-NOT:   data.get
// CHECK-COUNT-2: agent.llm
// CHECK-NOT:   data.get
workflow.subworkflow @NoQuestion (%s: !data.str, %x: i1) -> (!data.record<{decision: !data.enum<"y", "n">}>, !data.record<{decision: !data.enum<"y", "n">}>, i1, !data.record<{c: i1, d: i1}>) {
  %a = agent.decide first_match (prompt = %x) outcomes ["y"] default "n" id "a" site "a" : (i1) -> !data.record<{decision: !data.enum<"y", "n">}>
  %b = agent.decide first_match (prompt = %x) outcomes ["y"] default "n" id "b" site "b" : (i1) -> !data.record<{decision: !data.enum<"y", "n">}>
  %c = agent.llm "x" (prompt = %s) id "c" site "c" : (!data.str) -> i1
  %d = agent.llm "x" (prompt = %s) id "d" site "d" attributes {kumeo.questions = ["c", "d"]} : (!data.str) -> !data.record<{c: i1, d: i1}>
  workflow.return %a, %b, %c, %d : !data.record<{decision: !data.enum<"y", "n">}>, !data.record<{decision: !data.enum<"y", "n">}>, i1, !data.record<{c: i1, d: i1}>
}

// -----

// Agents with one chain of engines go together, and keep it.
// CHECK-LABEL: workflow.subworkflow @Chain
// CHECK-NEXT:  %[[R:[a-z0-9_]+]] = agent.llm "x/a" (prompt = %s) settings {engines = ["x/a", "y/b"]} id "a" site "a" {{.*}} -> !data.record<{a: i1, b: i1}>
// CHECK-NEXT:  data.get %[[R]]["a"]
// CHECK-NEXT:  data.get %[[R]]["b"]
// CHECK-NEXT:  workflow.return
workflow.subworkflow @Chain (%s: !data.str) -> (i1, i1) {
  %a = agent.llm "x/a" (prompt = %s) settings {engines = ["x/a", "y/b"]} id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "x/a" (prompt = %s) settings {engines = ["x/a", "y/b"]} id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Guard: another chain is another question, although the first engine is the same.
// CHECK-LABEL: workflow.subworkflow @OtherChain
// CHECK-COUNT-2: agent.llm
// CHECK-NOT:   data.get
// CHECK:       workflow.return
workflow.subworkflow @OtherChain (%s: !data.str) -> (i1, i1) {
  %a = agent.llm "x/a" (prompt = %s) settings {engines = ["x/a", "y/b"]} id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "x/a" (prompt = %s) id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Guard: agents with tools stay apart, also with tools that only read.
// CHECK-LABEL: agent.extern @look
// CHECK-COUNT-2: agent.llm
// CHECK-NOT:   data.get
// CHECK:       workflow.return
agent.extern @look python("m:f") effects "read" {parameters = ["q"]} : (!data.str) -> f64
workflow.subworkflow @Tools (%s: !data.str) -> (i1, i1) {
  %a = agent.llm "x/a" (prompt = %s) tools [@look] id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "x/a" (prompt = %s) tools [@look] id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Guard: so do agents with a budget: one call would have to do with what two may use.
// CHECK-LABEL: workflow.subworkflow @Budget
// CHECK-COUNT-2: agent.llm
// CHECK-NOT:   data.get
// CHECK:       workflow.return
workflow.subworkflow @Budget (%s: !data.str) -> (i1, i1) {
  %a = agent.llm "x/a" (prompt = %s) settings {budget = {tokens = 100 : i64, per = "event"}} id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "x/a" (prompt = %s) settings {budget = {tokens = 100 : i64, per = "event"}} id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Guard: decisions of one part go together; a record of decisions would be a part of another one.
// CHECK-LABEL: workflow.subworkflow @Decisions
// CHECK-NEXT:  agent.llm {{.*}} id "a" {{.*}} -> !data.record<{a: i1, b: i1}>
// CHECK:       agent.llm {{.*}} id "c" {{.*}} -> !data.record<{x: i1}>
// CHECK-NEXT:  agent.llm {{.*}} id "d" {{.*}} -> !data.record<{x: i1}>
workflow.subworkflow @Decisions (%s: !data.str) -> (i1, i1, !data.record<{x: i1}>, !data.record<{x: i1}>) {
  %a = agent.llm "x/a" (prompt = %s) settings {mode = "decision"} id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "x/a" (prompt = %s) settings {mode = "decision"} id "b" site "b" : (!data.str) -> i1
  %c = agent.llm "x/a" (prompt = %s) settings {mode = "decision"} id "c" site "c" : (!data.str) -> !data.record<{x: i1}>
  %d = agent.llm "x/a" (prompt = %s) settings {mode = "decision"} id "d" site "d" : (!data.str) -> !data.record<{x: i1}>
  workflow.return %a, %b, %c, %d : i1, i1, !data.record<{x: i1}>, !data.record<{x: i1}>
}

// -----

// Nothing in an empty module changes.
// CHECK-LABEL: builtin.module @Empty {
// CHECK-NEXT:  }
builtin.module @Empty {
}
