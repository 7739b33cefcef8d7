// RUN: kumeo-opt %s --split-input-file -p canonicalize | filecheck %s

// An `if` of a constant becomes the region that runs.
// CHECK-LABEL: workflow.workflow @ConstantIf
// CHECK-NOT:   workflow.if
// CHECK:       workflow.emit %x : f64 to @t site "yes"
// CHECK-NOT:   site "no"
// CHECK:       workflow.emit %x : f64 to @t site "after"
workflow.workflow @ConstantIf {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %c = data.constant true : i1
    %y = data.constant 1.0 : f64
    %r = workflow.if %c -> (f64) {
      workflow.emit %x : f64 to @t site "yes"
      workflow.yield %x : f64
    } else {
      workflow.emit %x : f64 to @t site "no"
      workflow.yield %y : f64
    }
    workflow.emit %r : f64 to @t site "after"
    workflow.return
  }
}

// -----

// An `if` of another value stays.
// CHECK-LABEL: workflow.workflow @UnknownIf
// CHECK:       workflow.if %c
workflow.workflow @UnknownIf {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    workflow.if %c {
      workflow.emit %c : i1 to @t site "t"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Both branches yield the same value: the `if` stays, because its condition may have failed.
// CHECK-LABEL: workflow.subworkflow @SameValue
// CHECK:       %r = workflow.if %c -> (f64)
// CHECK:       workflow.return %r : f64
workflow.subworkflow @SameValue (%c: i1, %x: f64) -> (f64) {
  %r = workflow.if %c -> (f64) {
    workflow.yield %x : f64
  } else {
    workflow.yield %x : f64
  }
  workflow.return %r : f64
}

// -----

// A `match` of a constant becomes its case.
// CHECK-LABEL: workflow.subworkflow @ConstantMatch
// CHECK-NEXT:  workflow.return %b : f64
workflow.subworkflow @ConstantMatch (%a: f64, %b: f64) -> (f64) {
  %e = data.constant "high" : !data.enum<"low", "high">
  %r = workflow.match %e : !data.enum<"low", "high"> -> (f64) case "low" {
    workflow.yield %a : f64
  } case "high" {
    workflow.yield %b : f64
  }
  workflow.return %r : f64
}

// -----

// A `match` of a constant without a case becomes the default region.
// CHECK-LABEL: workflow.subworkflow @DefaultMatch
// CHECK-NEXT:  workflow.return %b : f64
workflow.subworkflow @DefaultMatch (%a: f64, %b: f64) -> (f64) {
  %e = data.constant 7 : i64
  %r = workflow.match %e : i64 -> (f64) case 1, 2 {
    workflow.yield %a : f64
  } default {
    workflow.yield %b : f64
  }
  workflow.return %r : f64
}

// -----

// A `foreach` over an empty list runs nothing and gives empty lists.
// CHECK-LABEL: workflow.workflow @EmptyForeach
// CHECK-NOT:   workflow.foreach
// CHECK:       %{{.*}} = data.constant [] : !data.list<f64>
// CHECK-NOT:   site "inside"
// CHECK:       site "after"
workflow.workflow @EmptyForeach {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %l = data.list [] : !data.list<f64>
    %r = workflow.foreach (%i: f64) in %l -> (!data.list<f64>) {
      workflow.emit %i : f64 to @t site "inside"
      workflow.yield %i : f64
    }
    workflow.emit %r : !data.list<f64> to @t site "after"
    workflow.return
  }
}

// -----

// Results that nobody reads are dropped, with what only they needed.
// CHECK-LABEL: workflow.workflow @UnreadResults
// CHECK:       %b = workflow.if %c -> (f64) {
// CHECK-NEXT:    workflow.yield %x : f64
// CHECK-NEXT:  } else {
// CHECK-NEXT:    workflow.emit %x : f64 to @t site "no"
// CHECK-NEXT:    workflow.yield %z : f64
// CHECK-NEXT:  }
workflow.workflow @UnreadResults {
  workflow.source @s nats("a") : !data.record<{c: i1, x: f64, z: f64}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{c: i1, x: f64, z: f64}>) {
    %c = data.get %e["c"] : i1
    %x = data.get %e["x"] : f64
    %z = data.get %e["z"] : f64
    %a, %b = workflow.if %c -> (f64, f64) {
      %y = data.add %x, %x : f64
      workflow.yield %y, %x : f64, f64
    } else {
      workflow.emit %x : f64 to @t site "no"
      workflow.yield %x, %z : f64, f64
    }
    workflow.emit %b : f64 to @t site "b"
    workflow.return
  }
}

// -----

// Control flow without effects and without readers disappears.
// CHECK-LABEL: workflow.subworkflow @NoEffect
// CHECK-NEXT:  workflow.return
workflow.subworkflow @NoEffect (%c: i1, %l: !data.list<f64>) {
  %r = workflow.if %c -> (i1) {
    workflow.yield %c : i1
  } else {
    workflow.yield %c : i1
  }
  %m = workflow.foreach (%x: f64) in %l -> (!data.list<f64>) {
    %y = data.div %x, %x : f64
    workflow.yield %y : f64
  }
  workflow.return
}

// -----

// A `try` reads its own results: the unread one stays, because its failure starts the handler.
// CHECK-LABEL: workflow.workflow @TryKeepsResults
// CHECK:       = workflow.try -> (f64) {
// CHECK:       data.div
workflow.workflow @TryKeepsResults {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %r = workflow.try -> (f64) {
      %y = data.div %x, %x : f64
      workflow.yield %y : f64
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.emit %x : f64 to @t site "failed"
      workflow.yield %x : f64
    }
    workflow.return
  }
}

// -----

// Agents are never removed here: passes that know their facts do that.
// CHECK-LABEL: workflow.subworkflow @KeepsAgents
// CHECK:       agent.model
// CHECK:       agent.llm
workflow.model @m onnx("m.onnx")
workflow.subworkflow @KeepsAgents (%x: f64, %s: !data.str) {
  %a = agent.model @m (x = %x) id "a" site "a" : (f64) -> f64
  %b = agent.llm "a/b" (prompt = %s) id "b" site "b" : (!data.str) -> !data.str
  workflow.return
}
