// RUN: kumeo-opt %s --split-input-file -p 'agent-fuse' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'agent-fuse,agent-fuse' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p agent-fuse -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// REMARK:      the edge to `@run.b` is inline now
// REMARK:      the edge to `@run.ask` stays: it parks
// REMARK:      the edge to `@run.pay` stays: the stage acts on the outside
// REMARK:      the edge to `@run.o` is inline now
// REMARK:      the edge to `@run.l` stays: a hop is less than 1% of its work of 1500002 us
// REMARK:      the edge to `@run.b` is inline now
// REMARK:      the edge to `@run.c` stays: no language fits both stages

// A cheap stage behind a model runs in the same process.
// CHECK-LABEL: workflow.workflow @Cheap {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @run.b(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %b : f64 to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Cheap {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto message @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    workflow.emit %b : f64 to @t site "o"
    agent.done
  }
}

// -----

// A person answers later: the edge parks and is no message.
// CHECK-LABEL: workflow.workflow @Parks {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       agent.park @run.ask(%x : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.ask (%x: f64) {
// CHECK-NEXT:       %a = agent.review (input = %x) id "ask" site "ask" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.target @t nats("t")
workflow.workflow @Parks {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    agent.park @run.ask(%x : f64)
  }
  agent.stage @run.ask (%x: f64) {
    %a = agent.review (input = %x) id "ask" site "ask" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
    agent.done
  }
}

// -----

// A function that acts is not repeated with what stands before it. Emits are no obstacle.
// CHECK-LABEL: workflow.workflow @Acts {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.pay(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.pay (%a: f64) {
// CHECK-NEXT:       %b = agent.call @pay (%a) effects "acts" id "pay" site "pay" : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @run.o(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.o (%b: f64) {
// CHECK-NEXT:       workflow.emit %b : f64 to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
agent.extern @pay python("m:pay") effects "acts" : (f64) -> f64
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Acts {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto message @run.pay(%a : f64)
  }
  agent.stage @run.pay (%a: f64) {
    %b = agent.call @pay (%a) effects "acts" id "pay" site "pay" : (f64) -> f64
    agent.goto message @run.o(%b : f64)
  }
  agent.stage @run.o (%b: f64) {
    workflow.emit %b : f64 to @t site "o"
    agent.done
  }
}

// -----

// A language model takes so long that the hop is nothing; what stands behind it is fused.
// CHECK-LABEL: workflow.workflow @Slow {
// CHECK-NEXT:     workflow.source @s nats("a") : !data.str
// CHECK-NEXT:     agent.stage @on.s (%x: !data.str) entry [@s] {
// CHECK-NEXT:       %n = data.len %x
// CHECK-NEXT:       agent.goto message @run.l(%x : !data.str)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.l (%x: !data.str) {
// CHECK-NEXT:       %l = agent.llm "m" (prompt = %x) id "l" site "l" : (!data.str) -> f64
// CHECK-NEXT:       agent.goto inline @run.b(%l : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %b : f64 to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Slow {
  workflow.source @s nats("a") : !data.str
  agent.stage @on.s (%x: !data.str) entry [@s] {
    %n = data.len %x
    agent.goto message @run.l(%x : !data.str)
  }
  agent.stage @run.l (%x: !data.str) {
    %l = agent.llm "m" (prompt = %x) id "l" site "l" : (!data.str) -> f64
    agent.goto message @run.b(%l : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    workflow.emit %b : f64 to @t site "o"
    agent.done
  }
}

// -----

// No language fits: the model could run with either function, but then only with that one.
// CHECK-LABEL: workflow.workflow @Languages {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @run.b(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) {
// CHECK-NEXT:       %b = agent.call @py (%a) effects "pure" id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.c(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.c (%a: f64) {
// CHECK-NEXT:       %b = agent.call @rs (%a) effects "pure" id "c" site "c" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %b : f64 to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
agent.extern @py python("m:f") effects "pure" : (f64) -> f64
agent.extern @rs rust("m::f") effects "pure" : (f64) -> f64
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Languages {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto message @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.call @py (%a) effects "pure" id "b" site "b" : (f64) -> f64
    agent.goto message @run.c(%b : f64)
  }
  agent.stage @run.c (%a: f64) {
    %b = agent.call @rs (%a) effects "pure" id "c" site "c" : (f64) -> f64
    workflow.emit %b : f64 to @t site "o"
    agent.done
  }
}

// -----

// Every edge of a branch is decided on its own; an edge that is inline already stays so.
// CHECK-LABEL: workflow.workflow @Branch {
// CHECK-NEXT:     workflow.source @s nats("a") : !data.str
// CHECK-NEXT:     agent.stage @on.s (%x: !data.str) entry [@s] {
// CHECK-NEXT:       %n = data.len %x
// CHECK-NEXT:       %c = data.compare eq, %n, %n : i64
// CHECK-NEXT:       agent.branch %c, message @run.l(%x : !data.str), inline @run.o(%x : !data.str) failed inline @run.o(%x : !data.str)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.l (%x: !data.str) {
// CHECK-NEXT:       %l = agent.llm "m" (prompt = %x) id "l" site "l" : (!data.str) -> !data.str
// CHECK-NEXT:       agent.goto inline @run.o(%l : !data.str)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.o (%x: !data.str) {
// CHECK-NEXT:       workflow.emit %x : !data.str to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.target @t nats("t")
workflow.workflow @Branch {
  workflow.source @s nats("a") : !data.str
  agent.stage @on.s (%x: !data.str) entry [@s] {
    %n = data.len %x
    %c = data.compare eq, %n, %n : i64
    agent.branch %c, message @run.l(%x : !data.str), inline @run.o(%x : !data.str) failed message @run.o(%x : !data.str)
  }
  agent.stage @run.l (%x: !data.str) {
    %l = agent.llm "m" (prompt = %x) id "l" site "l" : (!data.str) -> !data.str
    agent.goto message @run.o(%l : !data.str)
  }
  agent.stage @run.o (%x: !data.str) {
    workflow.emit %x : !data.str to @t site "o"
    agent.done
  }
}

// -----

// The empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {
}
