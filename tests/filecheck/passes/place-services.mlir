// RUN: kumeo-opt %s --split-input-file -p 'place-services' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'place-services,place-services' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'assign-language,place-services{share=true}' | filecheck %s --check-prefix=SHARE
// RUN: kumeo-opt %s --split-input-file -p place-services -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: not kumeo-opt %s --split-input-file -p 'place-services{own-from-us=-1}' 2>&1 | filecheck %s --check-prefix=NEGATIVE

// NEGATIVE: option `own-from-us` of pass `place-services` is refused: a time is at least 0
// SHARE:  agent.stage @on.s {{.*}} service "shared-python"
// SHARE:  agent.stage @"run.A/First_Step" {{.*}} service "shared-python"
// SHARE:  agent.stage @"run.--" {{.*}} service "mine"
// SHARE:  agent.stage @run.b {{.*}} service "b"
// REMARK: is compiled into 2 services: s, b

// A service for each stage that tokens enter from outside; names are labels, and never taken twice.
// A name that is given stays.
// CHECK-LABEL: workflow.workflow @Each {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] service "s" {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @"run.A/First_Step"(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @"run.A/First_Step" (%a: f64) service "a-first-step" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.a.first.step(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a.first.step (%a: f64) service "a-first-step-2" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "c" site "c" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @"run.--"(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @"run.--" (%a: f64) service "mine" {
// CHECK-NEXT:       agent.goto inline @with(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @with (%a: f64) service "mine" {
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.workflow @Each {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto message @"run.A/First_Step"(%a : f64)
  }
  agent.stage @"run.A/First_Step" (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    agent.goto message @run.a.first.step(%b : f64)
  }
  agent.stage @run.a.first.step (%a: f64) {
    %b = agent.model @m (%a) id "c" site "c" : (f64) -> f64
    agent.goto message @"run.--"(%b : f64)
  }
  agent.stage @"run.--" (%a: f64) service "mine" {
    agent.goto inline @with(%a : f64)
  }
  agent.stage @with (%a: f64) {
    agent.done
  }
}

// -----

// Inline edges keep stages together; a stage of several services names none.
// CHECK-LABEL: workflow.workflow @Together {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] service "s" {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> i1
// CHECK-NEXT:       agent.branch %a, inline @run.c(%x : f64), message @run.b(%x : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.c (%a: f64) service "s" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "c" site "c" : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @end(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) service "b" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" cost<latency = 50000, price = 0.0, tokens = 0> : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @end(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @end (%a: f64) {
// CHECK-NEXT:       workflow.emit %a : f64 to @t site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Together {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> i1
    agent.branch %a, inline @run.c(%x : f64), message @run.b(%x : f64)
  }
  agent.stage @run.c (%a: f64) {
    %b = agent.model @m (%a) id "c" site "c" : (f64) -> f64
    agent.goto inline @end(%b : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" cost<latency = 50000, price = 0.0, tokens = 0> : (f64) -> f64
    agent.goto inline @end(%b : f64)
  }
  agent.stage @end (%a: f64) {
    workflow.emit %a : f64 to @t site "o"
    agent.done
  }
}

// -----

// The empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {
}
