// RUN: kumeo-opt %s --split-input-file -p convert-to-messaging | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p convert-to-messaging -o /dev/null --remarks --pass-statistics 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: not kumeo-opt %s --split-input-file -p 'convert-to-messaging,convert-to-messaging' -o /dev/null 2>&1 | filecheck %s --check-prefix=TWICE

// TWICE: error[wrong-level]: pass `convert-to-messaging` works at the level `stages`, the module is at the level `messaging`

// REMARK: convert-to-messaging: `@Linear` becomes 2 services and 1 edges

// A stage that events or messages enter becomes a handler, any other a step; an edge says what may
// fail. A report goes where the entry says.
// CHECK-LABEL: workflow.workflow @Linear {
// CHECK:     messaging.stream "edges"
// CHECK-NEXT:     messaging.stream "journal"
// CHECK-NEXT:     messaging.stream "timers"
// CHECK-NEXT:     messaging.edge @run.b message (x : f64, may_fail a : f64) carries_event{{$}}
// CHECK-NEXT:     messaging.service "first" language "python" {
// CHECK-NEXT:       messaging.artifact @m "m.onnx"
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: f64) on_error @failed {
// CHECK-NEXT:         %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:         agent.goto message @run.b(%x, %a : f64, f64)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "second" language "python" {
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: f64, may_fail %a: f64) on_error @failed consumer {batch_max = 8 : i64, batch_wait_us = 100 : i64} {
// CHECK-NEXT:         %hot = data.compare gt, %x, %a : f64
// CHECK-NEXT:         agent.branch %hot, inline @out(%x : f64), inline @out(%a : f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.step @out (may_fail %y: f64) {
// CHECK-NEXT:         workflow.emit %y : f64 to @t site "o"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "stages"} {
  workflow.workflow @Linear {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.target @failed nats("f")
    workflow.model @m onnx("m.onnx")
    agent.stage @on.s (%x: f64) entry [@s] on_error @failed language "python" service "first" {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      agent.goto message @run.b(%x, %a : f64, f64)
    }
    agent.stage @run.b (%x: f64, %0: f64) language "python" service "second" batch_max 8 batch_wait_us 100 {
      %hot = data.compare gt, %x, %0 : f64
      agent.branch %hot, inline @out(%x : f64), inline @out(%0 : f64)
    }
    agent.stage @out (%y: f64) {
      workflow.emit %y : f64 to @t site "o"
      agent.done
    }
  }
}

// -----

// A step that two services reach stands in both. A stage that is entered in both ways is a step, and
// its handler goes on there.
// CHECK-LABEL: workflow.workflow @Both {
// CHECK:     messaging.stream "edges"
// CHECK-NEXT:     messaging.stream "journal"
// CHECK-NEXT:     messaging.stream "timers"
// CHECK-NEXT:     messaging.edge @next message (x : i1) carries_event{{$}}
// CHECK-NEXT:     messaging.edge @join message (x : i1) carries_event{{$}}
// CHECK-NEXT:     messaging.service "one" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: i1) {
// CHECK-NEXT:         agent.branch %x, inline @join.step(%x : i1), message @next(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "join" reads [@join] (%x: i1) {
// CHECK-NEXT:         agent.goto inline @join.step(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.step @join.step (%x: i1) {
// CHECK-NEXT:         workflow.emit %x : i1 to @t site "o"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "two" {
// CHECK-NEXT:       messaging.handler "next" reads [@next] (%x: i1) {
// CHECK-NEXT:         agent.branch %x, inline @join.step(%x : i1), message @join(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.step @join.step (%x: i1) {
// CHECK-NEXT:         workflow.emit %x : i1 to @t site "o"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "stages"} {
  workflow.workflow @Both {
    workflow.source @s nats("a") : i1
    workflow.source @u nats("b") : i1
    workflow.target @t nats("t")
    agent.stage @on.s (%x: i1) entry [@s] service "one" {
      agent.branch %x, inline @join(%x : i1), message @next(%x : i1)
    }
    agent.stage @next (%x: i1) service "two" {
      agent.branch %x, inline @join(%x : i1), message @join(%x : i1)
    }
    agent.stage @join (%x: i1) service "one" {
      workflow.emit %x : i1 to @t site "o"
      agent.done
    }
  }
}

// -----

// A stage without a service gets one of its own. What a service needs from outside is written down,
// once; a secret stays where it is.
// CHECK-LABEL: workflow.workflow @Needs {
// CHECK:     messaging.stream "journal"
// CHECK-NEXT:     messaging.stream "timers"
// CHECK-NEXT:     messaging.stream "targets"
// CHECK-NEXT:     messaging.stream "inputs"
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.artifact @docs "docs/*.md"
// CHECK-NEXT:       messaging.artifact @local "cards.db"
// CHECK-NEXT:       messaging.endpoint @s "/orders"
// CHECK-NEXT:       messaging.schedule @every "10s"
// CHECK-NEXT:       messaging.egress "database" to "cards" url "postgres://cards.example/main"
// CHECK-NEXT:       messaging.egress "database" to "erp"
// CHECK-NEXT:       messaging.egress "llm" to "ollama" url "http://models:11434"
// CHECK-NEXT:       messaging.egress "llm" to "other"
// CHECK-NEXT:       messaging.egress "http" to "t" url "https://oncall.example"
// CHECK-NEXT:       messaging.handler "on.s" reads [@s, @every] (%x: !data.str) {
// CHECK-NEXT:         %d = agent.retrieve @docs () id "d" site "d" : () -> !data.str
// CHECK-NEXT:         %c = agent.query @cards (id = %x) sql "select n from c" id "c" site "c" : (!data.str) -> !data.list<!data.str>
// CHECK-NEXT:         %l = agent.query @local (id = %x) sql "select n from c" id "l" site "l" : (!data.str) -> !data.list<!data.str>
// CHECK-NEXT:         %e = agent.query @erp (id = %x) sql "select n from c" id "e" site "e" : (!data.str) -> !data.list<!data.str>
// CHECK-NEXT:         %a = agent.llm "ollama/llama3" (prompt = %d) id "a" site "a" : (!data.str) -> !data.str
// CHECK-NEXT:         %b = agent.llm "other/m" (prompt = %a) id "b" site "b" : (!data.str) -> !data.str
// CHECK-NEXT:         workflow.emit %b : !data.str to @t site "o"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "stages"} {
  workflow.provider @ollama {url = "http://models:11434"}
  workflow.workflow @Needs {
    workflow.source @s http("/orders") : !data.str
    workflow.source @every timer("10s") : !data.str
    workflow.target @t http("https://oncall.example")
    workflow.context @docs knowledge("docs/*.md")
    workflow.context @cards database("postgres://cards.example/main")
    workflow.context @local database("sqlite:///cards.db")
    workflow.context @erp database("") {url = {secret = "ERP_URL"}}
    agent.stage @on.s (%x: !data.str) entry [@s, @every] {
      %d = agent.retrieve @docs () id "d" site "d" : () -> !data.str
      %c = agent.query @cards (id = %x) sql "select n from c" id "c" site "c" : (!data.str) -> !data.list<!data.str>
      %l = agent.query @local (id = %x) sql "select n from c" id "l" site "l" : (!data.str) -> !data.list<!data.str>
      %e = agent.query @erp (id = %x) sql "select n from c" id "e" site "e" : (!data.str) -> !data.list<!data.str>
      %a = agent.llm "ollama/llama3" (prompt = %d) id "a" site "a" : (!data.str) -> !data.str
      %b = agent.llm "other/m" (prompt = %a) id "b" site "b" : (!data.str) -> !data.str
      workflow.emit %b : !data.str to @t site "o"
      agent.done
    }
  }
}

// -----

// A parked token waits at a parked edge. A field without a name is called after what it is.
// CHECK-LABEL: workflow.workflow @Waits {
// CHECK:     messaging.stream "edges"
// CHECK-NEXT:     messaging.stream "journal"
// CHECK-NEXT:     messaging.stream "timers"
// CHECK-NEXT:     messaging.edge @run.check parked (x_n : f64, x_odd_key : f64, add : f64, add_2 : f64, meta_2 : f64) carries_event{{$}}
// CHECK-NEXT:     messaging.service "ask" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: !data.record<{n: f64, "odd key": f64}>) {
// CHECK-NEXT:         %0 = data.get %x["n"] : f64
// CHECK-NEXT:         %1 = data.get %x["odd key"] : f64
// CHECK-NEXT:         %2 = data.add %0, %1 : f64
// CHECK-NEXT:         %3 = data.add %0, %2 : f64
// CHECK-NEXT:         agent.park @run.check(%0, %1, %2, %3, %3 : f64, f64, f64, f64, f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.check" reads [@run.check] (%x_n: f64, %x_odd_key: f64, %add: f64, %add_1: f64, %meta: f64) {
// CHECK-NEXT:         %r = agent.review (input = %x_n) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:         workflow.emit %r : !data.record<{decision: !data.enum<"yes", "no">}> to @t site "o"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "stages"} {
  workflow.workflow @Waits {
    workflow.source @s nats("a") : !data.record<{n: f64, "odd key": f64}>
    workflow.target @t nats("t")
    agent.stage @on.s (%x: !data.record<{n: f64, "odd key": f64}>) entry [@s] service "ask" {
      %0 = data.get %x["n"] : f64
      %1 = data.get %x["odd key"] : f64
      %2 = data.add %0, %1 : f64
      %3 = data.add %0, %2 : f64
      agent.park @run.check(%0, %1, %2, %3, %3 : f64, f64, f64, f64, f64)
    }
    agent.stage @run.check (%0: f64, %1: f64, %2: f64, %3: f64, %meta: f64) service "ask" {
      %r = agent.review (input = %0) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
      workflow.emit %r : !data.record<{decision: !data.enum<"yes", "no">}> to @t site "o"
      agent.done
    }
  }
}

// -----

// Nothing to convert.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "stages"} {
}
