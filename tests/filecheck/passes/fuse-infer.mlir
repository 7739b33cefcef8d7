// RUN: kumeo-opt %s --split-input-file -p fuse-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p fuse-infer,fuse-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p fuse-infer --check-semantics -o /dev/null
// RUN: kumeo-opt %s --split-input-file -p fuse-infer --remarks -o /dev/null 2>&1 | filecheck %s --check-prefix=REMARK

// The second program reads a result of the first, and both give a `y`: they become one, and what
// nobody reads is left out.
// CHECK-LABEL: workflow.workflow @Chain
// CHECK:       agent.infer (x = %x, z = %z) do (%a: tensor<?xf64>, %c: tensor<?xf64>) {
// CHECK-NEXT:    %d = infer.add (%a, %a)
// CHECK-NEXT:    %e = infer.mul (%d, %c)
// CHECK-NEXT:    infer.yield (%d, %e)
// CHECK-NEXT:  } id "infer.first" site "infer.first" : (f64, f64) -> !data.record<{y: f64, y_2: f64}>
// CHECK-NOT:   agent.infer
// CHECK:       data.get %{{.*}}["y"]
// CHECK:       data.get %{{.*}}["y_2"]
// REMARK:      `infer.second` is computed in `infer.first`
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Chain {
    workflow.source @s nats("a") : !data.record<{x: f64, z: f64}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x: f64, z: f64}>) {
      %x = data.get %s["x"] : f64
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %d = infer.add (%a, %a) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        %u = infer.neg (%a) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%d, %u) : (tensor<?xf64>, tensor<?xf64>) -> ()
      } id "infer.first" site "infer.first" : (f64) -> !data.record<{y: f64, unread: f64}>
      %y = data.get %n["y"] : f64
      %z = data.get %s["z"] : f64
      %m = agent.infer (y = %y, z = %z) do (%b: tensor<?xf64>, %c: tensor<?xf64>) {
        %e = infer.mul (%b, %c) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%e) : (tensor<?xf64>) -> ()
      } id "infer.second" site "infer.second" : (f64, f64) -> !data.record<{y: f64}>
      %w = data.get %m["y"] : f64
      workflow.emit %y : f64 to @t site "y"
      workflow.emit %w : f64 to @t site "w"
      workflow.return
    }
  }
}

// -----

// A program that is read as a whole stays whole; the joined record is taken apart for it.
// CHECK-LABEL: workflow.workflow @Whole
// CHECK:       agent.infer (x = %x)
// CHECK-NOT:   agent.infer
// CHECK:       data.record {p = %{{.*}}, q = %{{.*}}}
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Whole {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        infer.yield (%a) : (tensor<?xf64>) -> ()
      } id "infer.first" site "infer.first" : (f64) -> !data.record<{y: f64}>
      %m = agent.infer (x = %x) do (%b: tensor<?xf64>) {
        %c = infer.neg (%b) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%b, %c) : (tensor<?xf64>, tensor<?xf64>) -> ()
      } id "infer.second" site "infer.second" : (f64) -> !data.record<{p: f64, q: f64}>
      %y = data.get %n["y"] : f64
      workflow.emit %y : f64 to @t site "y"
      workflow.emit %m : !data.record<{p: f64, q: f64}> to @t site "m"
      workflow.return
    }
  }
}

// -----

// The quotient may fail, and fails only the second program.
// CHECK-LABEL: workflow.workflow @Fails
// CHECK:       agent.infer
// CHECK:       agent.infer
// REMARK:      `infer.second` stays by itself: other values make it fail
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Fails {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        infer.yield (%a) : (tensor<?xf64>) -> ()
      } id "infer.first" site "infer.first" : (f64) -> !data.record<{y: f64}>
      %one = data.constant 1.0 : f64
      %q = data.div %one, %x : f64
      %m = agent.infer (q = %q) do (%b: tensor<?xf64>) {
        infer.yield (%b) : (tensor<?xf64>) -> ()
      } id "infer.second" site "infer.second" : (f64) -> !data.record<{z: f64}>
      %y = data.get %n["y"] : f64
      %z = data.get %m["z"] : f64
      workflow.emit %y : f64 to @t site "y"
      workflow.emit %z : f64 to @t site "z"
      workflow.return
    }
  }
}

// -----

// The second program reads what an agent makes of the first.
// CHECK-LABEL: workflow.workflow @Between
// CHECK:       agent.infer
// CHECK:       agent.process
// CHECK:       agent.infer
// REMARK:      `infer.second` stays by itself: it reads what comes later
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Between {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        infer.yield (%a) : (tensor<?xf64>) -> ()
      } id "infer.first" site "infer.first" : (f64) -> !data.record<{y: f64}>
      %y = data.get %n["y"] : f64
      %p = agent.process (%y) do (%v: f64) {
        %w = data.neg %v : f64
        agent.yield %w : f64
      } id "p" site "p" : (f64) -> f64
      %m = agent.infer (p = %p) do (%b: tensor<?xf64>) {
        infer.yield (%b) : (tensor<?xf64>) -> ()
      } id "infer.second" site "infer.second" : (f64) -> !data.record<{z: f64}>
      %z = data.get %m["z"] : f64
      workflow.emit %z : f64 to @t site "z"
      workflow.return
    }
  }
}

// -----

// Two programs that read nothing of each other become one call.
// CHECK-LABEL: workflow.workflow @Independent
// CHECK:       agent.infer (x = %x, z = %z)
// CHECK-NEXT:    infer.neg (%a)
// CHECK-NEXT:    infer.abs (%b)
// CHECK-NEXT:    infer.yield
// CHECK-NOT:   agent.infer
// REMARK:      `infer.second` is computed in `infer.first`
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Independent {
    workflow.source @s nats("a") : !data.record<{x: f64, z: f64}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x: f64, z: f64}>) {
      %x = data.get %s["x"] : f64
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %c = infer.neg (%a) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%c) : (tensor<?xf64>) -> ()
      } id "infer.first" site "infer.first" : (f64) -> !data.record<{y: f64}>
      %z = data.get %s["z"] : f64
      %m = agent.infer (z = %z) do (%b: tensor<?xf64>) {
        %d = infer.abs (%b) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%d) : (tensor<?xf64>) -> ()
      } id "infer.second" site "infer.second" : (f64) -> !data.record<{w: f64}>
      %y = data.get %n["y"] : f64
      %w = data.get %m["w"] : f64
      workflow.emit %y : f64 to @t site "y"
      workflow.emit %w : f64 to @t site "w"
      workflow.return
    }
  }
}

// -----

// What nobody reads is left out of a program that stands alone, with the work behind it. A record
// that is read as a whole keeps all of its fields.
// CHECK-LABEL: workflow.workflow @Trim
// CHECK:       agent.infer (x = %x)
// CHECK-NEXT:    infer.neg
// CHECK-NEXT:    infer.yield
// CHECK-NEXT:  } id "infer.some" site "infer.some" : (f64) -> !data.record<{kept: f64}>
// CHECK-LABEL: workflow.workflow @Keep
// CHECK:       agent.infer (x = %x)
// CHECK-NEXT:    infer.neg
// CHECK-NEXT:    infer.exp
// CHECK-NEXT:    infer.yield
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Trim {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %b = infer.neg (%a) : (tensor<?xf64>) -> (tensor<?xf64>)
        %c = infer.exp (%b) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%b, %c) : (tensor<?xf64>, tensor<?xf64>) -> ()
      } id "infer.some" site "infer.some" : (f64) -> !data.record<{kept: f64, unread: f64}>
      %y = data.get %n["kept"] : f64
      workflow.emit %y : f64 to @t site "y"
      workflow.return
    }
  }
  workflow.workflow @Keep {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %b = infer.neg (%a) : (tensor<?xf64>) -> (tensor<?xf64>)
        %c = infer.exp (%b) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%b, %c) : (tensor<?xf64>, tensor<?xf64>) -> ()
      } id "infer.all" site "infer.all" : (f64) -> !data.record<{kept: f64, unread: f64}>
      workflow.emit %n : !data.record<{kept: f64, unread: f64}> to @t site "y"
      workflow.return
    }
  }
}

// -----

// The smaller batch of two programs counts for both: tables of a row are large.
// CHECK-LABEL: workflow.workflow @Batches
// CHECK:       id "infer.first" {{.*}}kumeo.batch_max = 4 : i64
// CHECK-NOT:   agent.infer
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Batches {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        infer.yield (%a) : (tensor<?xf64>) -> ()
      } id "infer.first" site "infer.first" attributes {kumeo.batch_max = 16 : i64} : (f64) -> !data.record<{y: f64}>
      %m = agent.infer (x = %x) do (%b: tensor<?xf64>) {
        %c = infer.neg (%b) : (tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%c) : (tensor<?xf64>) -> ()
      } id "infer.second" site "infer.second" attributes {kumeo.batch_max = 4 : i64} : (f64) -> !data.record<{z: f64}>
      %y = data.get %n["y"] : f64
      %z = data.get %m["z"] : f64
      workflow.emit %y : f64 to @t site "y"
      workflow.emit %z : f64 to @t site "z"
      workflow.return
    }
  }
}
