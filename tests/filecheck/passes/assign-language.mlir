// RUN: kumeo-opt %s --split-input-file -p 'assign-language' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'assign-language,assign-language' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'assign-language{prefer=rust}' | filecheck %s --check-prefix=PREFER
// RUN: kumeo-opt %s --split-input-file -p 'assign-language{native-below-us=600.0}' | filecheck %s --check-prefix=NATIVE
// RUN: kumeo-opt %s --split-input-file -p assign-language -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: not kumeo-opt %s --split-input-file -p 'assign-language{prefer=go}' 2>&1 | filecheck %s --check-prefix=REFUSED

// PREFER:  agent.stage @on.s {{.*}} language "rust"
// NATIVE:  agent.stage @on.s {{.*}} language "rust"
// REMARK:  is compiled into services of several languages
// REFUSED: option `prefer` of pass `assign-language` is refused: `go` is not one of python, rust

// A function of the user decides, for its own stage and for those that are inline with it.
// CHECK-LABEL: workflow.workflow @Extern {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] language "python" {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) language "rust" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       agent.goto inline @run.c(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.c (%a: f64) language "rust" {
// CHECK-NEXT:       %b = agent.call @rs (%a) effects "pure" id "c" site "c" : (f64) -> f64
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
agent.extern @rs rust("m::f") effects "pure" : (f64) -> f64
workflow.model @m onnx("m")
workflow.workflow @Extern {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    agent.goto message @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    agent.goto inline @run.c(%b : f64)
  }
  agent.stage @run.c (%a: f64) {
    %b = agent.call @rs (%a) effects "pure" id "c" site "c" : (f64) -> f64
    agent.done
  }
}

// -----

// What an agent or a stage says about its language holds.
// CHECK-LABEL: workflow.workflow @Said {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] language "rust" {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" language "rust" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) language "rust" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @end(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @end (%a: f64) language "python" {
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.workflow @Said {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" language "rust" : (f64) -> f64
    agent.goto message @run.b(%a : f64)
  }
  agent.stage @run.b (%a: f64) language "rust" {
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    agent.goto message @end(%b : f64)
  }
  agent.stage @end (%a: f64) {
    agent.done
  }
}

// -----

// A stage that is compiled into services of two languages has none of its own.
// CHECK-LABEL: workflow.workflow @Shared {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] language "rust" {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" language "rust" : (f64) -> i1
// CHECK-NEXT:       agent.branch %a, inline @end(%x : f64), message @run.b(%x : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%a: f64) language "python" {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" language "python" : (f64) -> f64
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
workflow.workflow @Shared {
  workflow.source @s nats("a") : f64
  agent.stage @on.s (%x: f64) entry [@s] {
    %a = agent.model @m (%x) id "a" site "a" language "rust" : (f64) -> i1
    agent.branch %a, inline @end(%x : f64), message @run.b(%x : f64)
  }
  agent.stage @run.b (%a: f64) {
    %b = agent.model @m (%a) id "b" site "b" language "python" : (f64) -> f64
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
