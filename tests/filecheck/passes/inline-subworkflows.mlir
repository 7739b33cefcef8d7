// RUN: kumeo-opt %s --split-input-file -p inline-subworkflows | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p inline-subworkflows,inline-subworkflows | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p inline-subworkflows -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// A call becomes the body; sites and ids get the site of the call in front.
// CHECK-LABEL: workflow.workflow @Call
// CHECK-NOT:   workflow.call
// CHECK:       %m = agent.model @m (x = %x) id "first/m" site "first/m" : (f64) -> f64
// CHECK-NEXT:  workflow.emit %m : f64 to @t site "first/inner"
// CHECK-NEXT:  workflow.emit %m : f64 to @t site "outer"
// CHECK-NEXT:  workflow.return
// CHECK-NOT:   workflow.subworkflow
// REMARK-DAG:    `@score` is inlined
// REMARK-DAG:    nothing calls `@score` any more: it is erased
workflow.model @m onnx("m.onnx")
workflow.target @t nats("t")
workflow.subworkflow @score (%a: f64) -> (f64) {
  %m = agent.model @m (x = %a) id "m" site "m" : (f64) -> f64
  workflow.emit %m : f64 to @t site "inner"
  workflow.return %m : f64
}
workflow.workflow @Call {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %r = workflow.call @score(%x) site "first" : (f64) -> (f64)
    workflow.emit %r : f64 to @t site "outer"
    workflow.return
  }
}

// -----

// A call inside a called subworkflow: the sites of both calls stand in front, outermost first.
// CHECK-LABEL: workflow.workflow @Nested
// CHECK:       workflow.foreach
// CHECK-NEXT:    workflow.emit %{{.*}} : f64 to @t site "out/in/e"
// CHECK-NEXT:    workflow.yield
// CHECK:       workflow.emit %{{.*}} : f64 to @t site "again/in/e"
// CHECK-NOT:   workflow.subworkflow
workflow.target @t nats("t")
workflow.subworkflow @outer (%a: f64) {
  workflow.call @inner(%a) site "in" : (f64) -> ()
  workflow.return
}
workflow.subworkflow @inner (%a: f64) {
  workflow.emit %a : f64 to @t site "e"
  workflow.return
}
workflow.workflow @Nested {
  workflow.source @s nats("a") : !data.record<{x: f64, xs: !data.list<f64>}>
  workflow.on @s (%e: !data.record<{x: f64, xs: !data.list<f64>}>) {
    %xs = data.get %e["xs"] : !data.list<f64>
    workflow.foreach (%i: f64) in %xs {
      workflow.call @outer(%i) site "out" : (f64) -> ()
      workflow.yield
    }
    %x = data.get %e["x"] : f64
    workflow.call @outer(%x) site "again" : (f64) -> ()
    workflow.return
  }
}

// -----

// A result that is an argument is the argument of the call.
// CHECK-LABEL: workflow.workflow @Forward
// CHECK:       workflow.on @s (%x: f64)
// CHECK-NEXT:    workflow.emit %x : f64 to @t site "e"
workflow.subworkflow @same (%a: f64) -> (f64) {
  workflow.return %a : f64
}
workflow.workflow @Forward {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %r = workflow.call @same(%x) site "c" : (f64) -> (f64)
    workflow.emit %r : f64 to @t site "e"
    workflow.return
  }
}

// -----

// A name that the workflow declares anew would mean something else in the copy: the call stays.
// CHECK-LABEL: workflow.workflow @Shadowed
// CHECK:       workflow.call @score
// REMARK-DAG:    `@score` is not inlined: `@m` is another declaration here
workflow.model @m onnx("m.onnx")
workflow.subworkflow @score (%a: f64) -> (f64) {
  %m = agent.model @m (x = %a) id "m" site "m" : (f64) -> f64
  workflow.return %m : f64
}
workflow.workflow @Shadowed {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.model @m onnx("other.onnx")
  workflow.on @s (%x: f64) {
    %r = workflow.call @score(%x) site "c" : (f64) -> (f64)
    workflow.emit %r : f64 to @t site "e"
    workflow.return
  }
}

// -----

// A site that is taken already would be used twice: the call stays.
// CHECK-LABEL: workflow.workflow @TakenSite
// CHECK:       workflow.call @send
// REMARK-DAG:    `@send` is not inlined: the site "c/e" is taken
workflow.target @t nats("t")
workflow.subworkflow @send (%a: f64) {
  workflow.emit %a : f64 to @t site "e"
  workflow.return
}
workflow.workflow @TakenSite {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    workflow.emit %x : f64 to @t site "c/e"
    workflow.call @send(%x) site "c" : (f64) -> ()
    workflow.return
  }
}

// -----

// An id that is taken already would be used twice: the call stays.
// CHECK-LABEL: workflow.workflow @TakenId
// CHECK:       workflow.call @ask
// REMARK-DAG:    `@ask` is not inlined: the id "c/a" is taken
workflow.subworkflow @ask (%p: !data.str) -> (!data.str) {
  %a = agent.llm "a/b" (prompt = %p) id "a" site "s" : (!data.str) -> !data.str
  workflow.return %a : !data.str
}
workflow.workflow @TakenId {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %a = agent.llm "a/b" (prompt = %x) id "c/a" site "other" : (!data.str) -> !data.str
    %b = workflow.call @ask(%a) site "c" : (!data.str) -> (!data.str)
    workflow.emit %b : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// A site that an earlier copy has taken is taken, too: the second call stays.
// CHECK-LABEL: workflow.workflow @TakenByCopy
// CHECK:       workflow.emit %x : f64 to @t site "c/d/e"
// CHECK-NEXT:  workflow.call @short
// REMARK-DAG:  `@short` is not inlined: the site "c/d/e" is taken
workflow.target @t nats("t")
workflow.subworkflow @long (%a: f64) {
  workflow.emit %a : f64 to @t site "d/e"
  workflow.return
}
workflow.subworkflow @short (%a: f64) {
  workflow.emit %a : f64 to @t site "e"
  workflow.return
}
workflow.workflow @TakenByCopy {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    workflow.call @long(%x) site "c" : (f64) -> ()
    workflow.call @short(%x) site "c/d" : (f64) -> ()
    workflow.return
  }
}

// -----

// A module without a workflow is a library: its subworkflows stay, and call each other no more.
// CHECK-LABEL: workflow.subworkflow @lonely
// CHECK-NEXT:    workflow.return %a : f64
// CHECK-LABEL: workflow.subworkflow @caller
// CHECK-NEXT:    workflow.return %a : f64
workflow.subworkflow @lonely (%a: f64) -> (f64) {
  workflow.return %a : f64
}
workflow.subworkflow @caller (%a: f64) -> (f64) {
  %r = workflow.call @lonely(%a) site "c" : (f64) -> (f64)
  workflow.return %r : f64
}

// -----

// The empty module stays empty.
// CHECK:      builtin.module {
// CHECK-NEXT: }
builtin.module {
}
