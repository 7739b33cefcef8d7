// RUN: kumeo-opt %s --split-input-file -p 'agent-batch' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'agent-batch,agent-batch' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'agent-batch{size-max=8 wait-us=700}' | filecheck %s --check-prefix=SMALL
// RUN: kumeo-opt %s --split-input-file -p 'agent-batch{wait-share=0.1}' | filecheck %s --check-prefix=SHARE
// RUN: kumeo-opt %s --split-input-file -p agent-batch -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: not kumeo-opt %s --split-input-file -p 'agent-batch{size-max=0}' 2>&1 | filecheck %s --check-prefix=REFUSED
// RUN: not kumeo-opt %s --split-input-file -p 'agent-batch{wait-share=inf}' 2>&1 | filecheck %s --check-prefix=INFINITE

// INFINITE: option `wait-share` of pass `agent-batch` is refused: `size-max` is at least 1, waits are neither negative nor infinite
// SMALL:   agent.stage @on.s {{.*}} batch_max 8 batch_wait_us 500
// SMALL:   agent.stage @run.b {{.*}} batch_max 8 batch_wait_us 700
// SHARE:   agent.stage @on.s {{.*}} batch_max 256 batch_wait_us 50
// REMARK:  takes up to 256 tokens at once
// REMARK:  has no batch: `agent.llm` takes one input at a time
// REMARK:  has no batch: it acts on the outside
// REFUSED: option `size-max` of pass `agent-batch` is refused: `size-max` is at least 1

// A stage that messages enter and whose agent takes several inputs at once. The wait is no longer
// than the agent takes.
// CHECK-LABEL: workflow.workflow @Batch {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] batch_max 256 batch_wait_us 500 {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) batch_max 256 batch_wait_us 1000 {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" cost<latency = 5000, price = 0.0, tokens = 0> : (f64) -> f64
// CHECK-NEXT:       workflow.emit %b : f64 to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Batch {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto message @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" cost<latency = 5000, price = 0.0, tokens = 0> : (f64) -> f64
    workflow.emit %b : f64 to @t site "o"
    agent.done
  }
}

// -----

// A stage that is only entered inline runs in the batch of the one before it.
// CHECK-LABEL: workflow.workflow @Inline {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] batch_max 256 batch_wait_us 500 {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @run.b(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.workflow @Inline {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto inline @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    agent.done
  }
}

// -----

// An agent that takes one input at a time, a stage without agents, a stage that acts.
// CHECK-LABEL: workflow.workflow @None {
// CHECK-NEXT:     workflow.source @s nats("a") : !data.str
// CHECK-NEXT:     agent.stage @on.s (%x: !data.str) entry [@s] {
// CHECK-NEXT:       agent.goto message @run.l(%x : !data.str)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.l (%x: !data.str) {
// CHECK-NEXT:       %l = agent.llm "m" (prompt = %x) id "l" site "l" : (!data.str) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%l : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       %c = agent.call @pay (%b) effects "acts" id "c" site "c" : (f64) -> f64
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
agent.extern @pay python("m:pay") effects "acts" : (f64) -> f64
workflow.model @m onnx("m")
workflow.workflow @None {
  workflow.source @s nats("a") : !data.str
  agent.stage @on.s (%x: !data.str) entry [@s] {
    agent.goto message @run.l(%x : !data.str)
  }
  agent.stage @run.l (%x: !data.str) {
    %l = agent.llm "m" (prompt = %x) id "l" site "l" : (!data.str) -> f64
    agent.goto message @run.b(%l : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    %c = agent.call @pay (%b) effects "acts" id "c" site "c" : (f64) -> f64
    agent.done
  }
}

// -----

// The empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {
}
