// RUN: kumeo-opt %s --split-input-file -p schedule | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'schedule, schedule' | filecheck %s

// What costs less comes first, equal costs keep their order; agents that need no other are wave 0.
// CHECK-LABEL: workflow.subworkflow @Cheapest (%s: !data.str) -> (i1, i1, i1, i64) {{{$}}
// CHECK-NEXT:  %n = data.len %s
// CHECK-NEXT:  %k = data.neg %n
// CHECK-NEXT:  %b = agent.model {{.*}} attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:  %a = agent.llm {{.*}} attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:  %d = agent.llm {{.*}} attributes {kumeo.wave = 0 : i64}
workflow.subworkflow @Cheapest (%s: !data.str) -> (i1, i1, i1, i64) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %n = data.len %s
  %d = agent.llm "m" (prompt = %s) id "d" site "d" : (!data.str) -> i1
  %k = data.neg %n : i64
  %b = agent.model @m (%s) id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b, %d, %k : i1, i1, i1, i64
}
workflow.model @m onnx("m.onnx")

// -----

// An agent that reads another one, through data or inside of a region, is in a later wave.
// CHECK-LABEL: workflow.subworkflow @Waves
// CHECK-NEXT:  %a = agent.llm {{.*}} attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:  %p = data.format
// CHECK-NEXT:  %b = agent.llm {{.*}} attributes {kumeo.wave = 1 : i64}
// CHECK-NEXT:  workflow.if %c -> (i1) attributes {kumeo.wave = 2 : i64}
// CHECK-NEXT:    %q = data.format
// CHECK-NEXT:    agent.model {{.*}} attributes {kumeo.wave = 0 : i64}
workflow.subworkflow @Waves (%s: !data.str, %c: i1) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %p = data.format "{{ x }}" (x = %a)
  %b = agent.llm "m" (prompt = %p) id "b" site "b" : (!data.str) -> i1
  %r = workflow.if %c -> (i1) {
    %q = data.format "{{ x }}" (x = %b)
    %d = agent.model @m (%q) id "d" site "d" : (!data.str) -> i1
    workflow.yield %d : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %r : i1
}
workflow.model @m onnx("m.onnx")

// -----

// The body of a loop is a block of its own.
// CHECK-LABEL: workflow.subworkflow @Loop
// CHECK-NEXT:  workflow.foreach {{.*}} attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:    agent.model {{.*}} attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:    agent.llm {{.*}} attributes {kumeo.wave = 0 : i64}
workflow.subworkflow @Loop (%l: !data.list<!data.str>) -> (!data.list<i1>) {
  %r = workflow.foreach (%s: !data.str) in %l -> (!data.list<i1>) {
    %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
    %b = agent.model @m (%s) id "b" site "b" : (!data.str) -> i1
    %c = data.and %a, %b
    workflow.yield %c : i1
  }
  workflow.return %r : !data.list<i1>
}
workflow.model @m onnx("m.onnx")

// -----

// Guard: acts keep their order, also one that could go before a slow one, and share no wave.
// CHECK-LABEL: workflow.workflow @Acts
// CHECK:       workflow.emit %s : !data.str to @t site "x"
// CHECK-NEXT:  %a = agent.llm {{.*}} attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:  workflow.emit %a
// CHECK-NEXT:  agent.review {{.*}} site "r" attributes {kumeo.wave = 1 : i64}
// CHECK-NEXT:  agent.review {{.*}} site "v" attributes {kumeo.wave = 2 : i64}
// CHECK-NEXT:  workflow.emit %s : !data.str to @t site "z"
workflow.workflow @Acts {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%s: !data.str) {
    %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
    workflow.emit %s : !data.str to @t site "x"
    workflow.emit %a : i1 to @t site "y"
    %r = agent.review (input = %s) settings {} id "r" site "r" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
    %v = agent.review (input = %s) settings {} id "v" site "v" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
    workflow.emit %s : !data.str to @t site "z"
    workflow.return
  }
}

// -----

// Guard: a read keeps its side of an act whose answer is awaited; what always answers alike moves.
// CHECK-LABEL: workflow.subworkflow @Reads
// CHECK-NEXT:  agent.model {{.*}} site "m"
// CHECK-NEXT:  agent.llm {{.*}} site "a" attributes {kumeo.wave = 0 : i64}
// CHECK-NEXT:  agent.review {{.*}} attributes {kumeo.wave = 1 : i64}
// CHECK-NEXT:  agent.query {{.*}} attributes {kumeo.wave = 2 : i64}
workflow.subworkflow @Reads (%s: !data.str) -> (i1, i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %v = agent.review (input = %s) settings {} id "v" site "v" cost<latency = 1, price = 0.0, tokens = 0> : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  %q = agent.query @db (id = %s) sql "select 1" id "q" site "q" cost<latency = 1, price = 0.0, tokens = 0> : (!data.str) -> i1
  %m = agent.model @m (%s) id "m" site "m" : (!data.str) -> i1
  workflow.return %a, %m, %q : i1, i1, i1
}
workflow.model @m onnx("m.onnx")
workflow.context @db database("postgres://x")

// -----

// Operations without a cost keep their order.
// CHECK-LABEL: workflow.workflow @Data
// CHECK:       workflow.emit %s : !data.str to @t site "x"
// CHECK-NEXT:  data.len %s
// CHECK-NEXT:  workflow.emit
workflow.workflow @Data {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%s: !data.str) {
    workflow.emit %s : !data.str to @t site "x"
    %n = data.len %s
    workflow.emit %n : i64 to @t site "y"
    workflow.return
  }
}

// -----

// An old number of an operation that holds no agent any more goes away.
// CHECK-LABEL: workflow.subworkflow @Old
// CHECK-NEXT:  %n = data.len %s{{$}}
// CHECK-NEXT:  agent.llm {{.*}} attributes {kumeo.wave = 0 : i64}
workflow.subworkflow @Old (%s: !data.str) -> (i1, i64) {
  %n = data.len %s attributes {kumeo.wave = 7 : i64}
  %a = agent.llm "m" (prompt = %s) id "a" site "a" attributes {kumeo.wave = 9 : i64} : (!data.str) -> i1
  workflow.return %a, %n : i1, i64
}

// -----

// Nothing in an empty module changes.
// CHECK-LABEL: builtin.module @Empty {
// CHECK-NEXT:  }
builtin.module @Empty {
}
