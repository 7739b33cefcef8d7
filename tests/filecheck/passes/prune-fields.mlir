// RUN: kumeo-opt %s --split-input-file -p prune-fields | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p prune-fields,prune-fields | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p prune-fields -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s --split-input-file -p prune-fields -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=QUIET

// A process gives the fields that are read, and takes those that it needs for them.
// CHECK-LABEL: workflow.workflow @Process
// CHECK:       %[[A:.*]] = data.get %tx["amount"] : f64
// CHECK-NEXT:  %f = agent.process (%[[A]]) do (%{{.*}}: f64) {
// CHECK-NEXT:    %{{.*}} = data.record {amount = %{{.*}}}
// CHECK-NEXT:    agent.yield
// CHECK-NEXT:  } id "f" site "f" : (f64) -> !data.record<{amount: f64}>
// CHECK-NEXT:  data.get %f["amount"]
// REMARK-DAG:  `f` no longer gives `country`: nothing reads that
// REMARK-DAG:  `f` takes 1 of 2 fields
workflow.workflow @Process {
  workflow.source @s nats("a") : !data.record<{amount: f64, country: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%tx: !data.record<{amount: f64, country: !data.str}>) {
    %f = agent.process (%tx) do (%r: !data.record<{amount: f64, country: !data.str}>) {
      %a = data.get %r["amount"] : f64
      %c = data.get %r["country"] : !data.str
      %o = data.record {amount = %a, country = %c}
      agent.yield %o : !data.record<{amount: f64, country: !data.str}>
    } id "f" site "f" : (!data.record<{amount: f64, country: !data.str}>)
      -> !data.record<{amount: f64, country: !data.str}>
    %x = data.get %f["amount"] : f64
    workflow.emit %x : f64 to @t site "e"
    workflow.return
  }
}

// -----

// A field whose value may fail makes the whole record fail: it is still computed, then left out.
// CHECK-LABEL: workflow.workflow @FailingField
// CHECK:       data.div
// CHECK:       %[[R:.*]] = data.record {a = %v, b = %{{.*}}}
// CHECK-NEXT:  %[[C:.*]] = data.cast %[[R]] : !data.record<{a: f64}>
// CHECK-NEXT:  agent.yield %[[C]]
workflow.workflow @FailingField {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %f = agent.process (%x) do (%v: f64) {
      %b = data.div %v, %v : f64
      %o = data.record {a = %v, b = %b}
      agent.yield %o : !data.record<{a: f64, b: f64}>
    } id "f" site "f" : (f64) -> !data.record<{a: f64, b: f64}>
    %a = data.get %f["a"] : f64
    workflow.emit %a : f64 to @t site "e"
    workflow.return
  }
}

// -----

// A fallback gives the smaller record, too; one that handles the matter itself gives nothing.
// CHECK-LABEL: workflow.workflow @Fallback
// CHECK:       fallback {
// CHECK:         data.record {a = %{{.*}}}
// CHECK:       : (f64) -> !data.record<{a: f64}>
// CHECK:       fallback {
// CHECK:         agent.yield{{$}}
// CHECK:       : (f64) -> !data.record<{a: f64}>
workflow.workflow @Fallback {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %f = agent.process (%x) do (%v: f64) {
      %o = data.record {a = %v, b = %v}
      agent.yield %o : !data.record<{a: f64, b: f64}>
    } id "f" site "f" fallback {
      %z = data.constant 0.0 : f64
      %o = data.record {a = %z, b = %z}
      agent.yield %o : !data.record<{a: f64, b: f64}>
    } : (f64) -> !data.record<{a: f64, b: f64}>
    %a = data.get %f["a"] : f64
    workflow.emit %a : f64 to @t site "e"
    %g = agent.process (%x) do (%v: f64) {
      %o = data.record {a = %v, b = %v}
      agent.yield %o : !data.record<{a: f64, b: f64}>
    } id "g" site "g" fallback {
      %n = workflow.now
      workflow.emit %n : !data.time to @t site "late"
      agent.yield
    } : (f64) -> !data.record<{a: f64, b: f64}>
    %b = data.get %g["a"] : f64
    workflow.emit %b : f64 to @t site "e2"
    workflow.return
  }
}

// -----

// A record that is emitted, or passed on as a whole, stays whole.
// CHECK-LABEL: workflow.workflow @Whole
// CHECK:       id "f" site "f" : (f64) -> !data.record<{a: f64, b: f64}>
// CHECK:       agent.process (%{{.*}}) do (%{{.*}}: !data.record<{a: f64, b: f64}>)
workflow.workflow @Whole {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %f = agent.process (%x) do (%v: f64) {
      %o = data.record {a = %v, b = %v}
      agent.yield %o : !data.record<{a: f64, b: f64}>
    } id "f" site "f" : (f64) -> !data.record<{a: f64, b: f64}>
    %a = data.get %f["a"] : f64
    workflow.emit %f : !data.record<{a: f64, b: f64}> to @t site "e"
    %g = agent.process (%f) do (%r: !data.record<{a: f64, b: f64}>) {
      %b = data.get %r["b"] : f64
      %s = data.some %r : !data.option<!data.record<{a: f64, b: f64}>>
      agent.yield %s : !data.option<!data.record<{a: f64, b: f64}>>
    } id "g" site "g" : (!data.record<{a: f64, b: f64}>)
      -> !data.option<!data.record<{a: f64, b: f64}>>
    workflow.emit %g : !data.option<!data.record<{a: f64, b: f64}>> to @t site "e3"
    workflow.return
  }
}

// -----

// JSON and an optional record are no records: their fields are read where they were.
// CHECK-LABEL: workflow.workflow @OtherKinds
// CHECK:       agent.process (%e, %o) do (%{{.*}}: !data.json, %{{.*}}: !data.option<!data.record<{a: f64, b: f64}>>)
// CHECK:       site "f" : (!data.json, !data.option<!data.record<{a: f64, b: f64}>>) -> !data.json
// CHECK:       workflow.if %c -> (!data.json)
workflow.workflow @OtherKinds {
  workflow.source @s nats("a") : !data.json
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.json) {
    %o = data.cast %e : !data.option<!data.record<{a: f64, b: f64}>>
    %c = data.is_some %o
    %f = agent.process (%e, %o) do (%j: !data.json, %r: !data.option<!data.record<{a: f64, b: f64}>>) {
      %x = data.get %j["x"] : !data.json
      %a = data.get %r["a"] : !data.option<f64>
      %y = data.cast %a : !data.json
      %z = data.coalesce %y, %x : !data.json
      agent.yield %z : !data.json
    } id "f" site "f" : (!data.json, !data.option<!data.record<{a: f64, b: f64}>>) -> !data.json
    %q = workflow.if %c -> (!data.json) {
      workflow.yield %e : !data.json
    } else {
      workflow.yield %e : !data.json
    }
    %k = data.get %q["k"] : !data.json
    %l = data.get %f["l"] : !data.json
    workflow.emit %k : !data.json to @t site "k"
    workflow.emit %l : !data.json to @t site "l"
    workflow.return
  }
}

// -----

// A record that is no `data.record` is cast; one that keeps a field that may fail is made smaller.
// CHECK-LABEL: workflow.workflow @Made
// CHECK:       %[[C:.*]] = data.cast %r : !data.record<{a: f64}>
// CHECK-NEXT:  agent.yield %[[C]]
// CHECK:       data.div
// CHECK-NEXT:  %[[R:.*]] = data.record {a = %{{.*}}}
// CHECK-NEXT:  agent.yield %[[R]]
workflow.workflow @Made {
  workflow.source @s nats("a") : !data.list<!data.record<{a: f64, b: f64}>>
  workflow.target @t nats("t")
  workflow.on @s (%xs: !data.list<!data.record<{a: f64, b: f64}>>) {
    %n = data.constant 1.0 : f64
    %f = agent.process (%xs) do (%l: !data.list<!data.record<{a: f64, b: f64}>>) {
      %i = data.constant 0 : i64
      %r = data.index %l, %i : !data.record<{a: f64, b: f64}>
      agent.yield %r : !data.record<{a: f64, b: f64}>
    } id "f" site "f" : (!data.list<!data.record<{a: f64, b: f64}>>) -> !data.record<{a: f64, b: f64}>
    %g = agent.process (%n) do (%v: f64) {
      %d = data.div %v, %v : f64
      %r = data.record {a = %d, b = %v}
      agent.yield %r : !data.record<{a: f64, b: f64}>
    } id "g" site "g" : (f64) -> !data.record<{a: f64, b: f64}>
    %x = data.get %f["a"] : f64
    %y = data.get %g["a"] : f64
    %z = data.add %x, %y : f64
    workflow.emit %z : f64 to @t site "z"
    workflow.return
  }
}

// -----

// Of two records one is read as a whole; a statement that gives none stays as it is, silently.
// CHECK-LABEL: workflow.workflow @Two
// CHECK:       workflow.if %c -> (!data.record<{a: f64, b: f64}>, f64)
// CHECK:       workflow.foreach
// QUIET-NOT:   `workflow.foreach` gives
workflow.workflow @Two {
  workflow.source @s nats("a") : !data.record<{a: f64, b: f64}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{a: f64, b: f64}>) {
    %a = data.get %e["a"] : f64
    %c = data.compare gt, %a, %a : f64
    %p, %q = workflow.if %c -> (!data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>) {
      workflow.yield %e, %e : !data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>
    } else {
      %r = data.record {a = %a, b = %a}
      workflow.yield %e, %r : !data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>
    }
    workflow.emit %p : !data.record<{a: f64, b: f64}> to @t site "p"
    %b = data.get %q["b"] : f64
    workflow.emit %b : f64 to @t site "b"
    %l = data.constant [1.0] : !data.list<f64>
    workflow.foreach (%x: f64) in %l {
      workflow.emit %x : f64 to @t site "m"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// The answer of a model or language model has the shape that it was asked for.
// CHECK-LABEL: workflow.workflow @Answers
// CHECK:       agent.llm {{.*}} -> !data.record<{a: f64, b: f64}>
workflow.workflow @Answers {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %l = agent.llm "a/b" (prompt = %x) id "l" site "l" : (!data.str) -> !data.record<{a: f64, b: f64}>
    %a = data.get %l["a"] : f64
    workflow.emit %a : f64 to @t site "e"
    workflow.return
  }
}

// -----

// An input that is not read goes if it never fails. Else its failure is that of the process.
// CHECK-LABEL: workflow.subworkflow @UnreadInput
// CHECK:       agent.process (%x, %y) do (%v: f64, %w: f64)
// CHECK:       agent.process (%y) do (%{{.*}}: f64)
// REMARK-DAG:  an unread input of `f` stays: its failure would matter
workflow.subworkflow @UnreadInput (%x: f64, %y: f64) -> (f64, f64) {
  %f = agent.process (%x, %y) do (%v: f64, %w: f64) {
    agent.yield %w : f64
  } id "f" site "f" : (f64, f64) -> f64
  %c = data.constant 1.0 : f64
  %g = agent.process (%c, %y) do (%v: f64, %w: f64) {
    agent.yield %w : f64
  } id "g" site "g" : (f64, f64) -> f64
  workflow.return %f, %g : f64, f64
}

// -----

// Statements give the fields of records that are read, and other results as they are.
// CHECK-LABEL: workflow.workflow @Statements
// CHECK:       %{{.*}}, %n, %{{.*}} = workflow.if %i -> (f64, f64, f64) {
// CHECK-COUNT-2: data.get %{{.*}}["a"]
// CHECK:         workflow.yield %{{.*}}, %{{.*}}, %{{.*}} : f64, f64, f64
// CHECK:       workflow.try -> (f64) {
// CHECK:       workflow.match %i : i1 -> (f64)
// CHECK:       workflow.emit
// CHECK-NOT:   data.get
workflow.workflow @Statements {
  workflow.source @s nats("a") : !data.record<{i: i1, p: !data.record<{a: f64, b: f64}>, q: !data.record<{a: f64, b: f64}>}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{i: i1, p: !data.record<{a: f64, b: f64}>, q: !data.record<{a: f64, b: f64}>}>) {
    %i = data.get %e["i"] : i1
    %p = data.get %e["p"] : !data.record<{a: f64, b: f64}>
    %q = data.get %e["q"] : !data.record<{a: f64, b: f64}>
    %one = data.constant 1.0 : f64
    %r, %n, %r2 = workflow.if %i -> (!data.record<{a: f64, b: f64}>, f64, !data.record<{a: f64, b: f64}>) {
      workflow.yield %p, %one, %p : !data.record<{a: f64, b: f64}>, f64, !data.record<{a: f64, b: f64}>
    } else {
      workflow.yield %q, %one, %q : !data.record<{a: f64, b: f64}>, f64, !data.record<{a: f64, b: f64}>
    }
    %s = workflow.try -> (!data.record<{a: f64, b: f64}>) {
      workflow.yield %p : !data.record<{a: f64, b: f64}>
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.yield %q : !data.record<{a: f64, b: f64}>
    }
    %u = workflow.match %i : i1 -> (!data.record<{a: f64, b: f64}>) case true {
      workflow.yield %p : !data.record<{a: f64, b: f64}>
    } default {
      workflow.yield %q : !data.record<{a: f64, b: f64}>
    }
    workflow.emit %n : f64 to @t site "e0"
    %a = data.get %r["a"] : f64
    %a2 = data.get %r2["a"] : f64
    %b = data.get %s["b"] : f64
    %c = data.get %u["b"] : f64
    workflow.emit %a : f64 to @t site "e1"
    workflow.emit %a2 : f64 to @t site "e4"
    workflow.emit %b : f64 to @t site "e2"
    workflow.emit %c : f64 to @t site "e3"
    workflow.return
  }
}

// -----

// A process that reads all fields of a record takes the record.
// CHECK-LABEL: workflow.subworkflow @AllFields
// CHECK-NEXT:  agent.process (%p) do (%r: !data.record<{a: f64, b: f64}>)
workflow.subworkflow @AllFields (%p: !data.record<{a: f64, b: f64}>) -> (f64) {
  %f = agent.process (%p) do (%r: !data.record<{a: f64, b: f64}>) {
    %a = data.get %r["a"] : f64
    %b = data.get %r["b"] : f64
    %s = data.add %a, %b : f64
    agent.yield %s : f64
  } id "f" site "f" : (!data.record<{a: f64, b: f64}>) -> f64
  workflow.return %f : f64
}

// -----

// Where all fields are read, or none, nothing is split; the lists of a loop stay.
// CHECK-LABEL: workflow.subworkflow @Unsplit
// CHECK:       workflow.if %c -> (!data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>)
// CHECK:       workflow.foreach
// CHECK-SAME:  -> (!data.list<!data.record<{a: f64, b: f64}>>)
workflow.subworkflow @Unsplit (%c: i1, %p: !data.record<{a: f64, b: f64}>, %l: !data.list<f64>)
    -> (f64, f64, !data.list<!data.record<{a: f64, b: f64}>>) {
  %r, %s = workflow.if %c -> (!data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>) {
    workflow.yield %p, %p : !data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>
  } else {
    workflow.yield %p, %p : !data.record<{a: f64, b: f64}>, !data.record<{a: f64, b: f64}>
  }
  %a = data.get %r["a"] : f64
  %b = data.get %r["b"] : f64
  %m = workflow.foreach (%x: f64) in %l -> (!data.list<!data.record<{a: f64, b: f64}>>) {
    workflow.yield %p : !data.record<{a: f64, b: f64}>
  }
  workflow.return %a, %b, %m : f64, f64, !data.list<!data.record<{a: f64, b: f64}>>
}

// -----

// The empty module stays empty.
// CHECK:      builtin.module {
// CHECK-NEXT: }
builtin.module {
}
