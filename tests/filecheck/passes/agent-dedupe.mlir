// RUN: kumeo-opt %s --split-input-file -p agent-dedupe | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p agent-dedupe,agent-dedupe | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p agent-dedupe -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s --split-input-file -p agent-dedupe -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=QUIET

// Equal work on equal operands runs once, whatever the id, the site, the cost and the label are;
// what reads equal agents is equal, too.
// CHECK-LABEL: workflow.workflow @Equal
// CHECK:       id "a"
// CHECK-NOT:   id "b"
// CHECK:       id "c"
// CHECK-NOT:   id "d"
// CHECK:       workflow.emit %c : f64 to @t site "e1"
// CHECK-NEXT:  workflow.emit %c : f64 to @t site "e2"
// REMARK-DAG:  `b` does the work of `a`: it is merged into it
// REMARK-DAG:  `d` does the work of `c`: it is merged into it
workflow.model @m onnx("m.onnx")
workflow.target @t nats("t")
workflow.workflow @Equal {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.model @m (x = %x) id "a" site "a" cost <latency = 5> attributes {label = "left"} : (f64) -> f64
    %b = agent.model @m (x = %x) id "b" site "b" attributes {label = "right"} : (f64) -> f64
    %c = agent.process (%a) do (%v: f64) {
      %w = data.neg %v : f64
      agent.yield %w : f64
    } id "c" site "c" : (f64) -> f64
    %d = agent.process (%b) do (%p: f64) {
      %q = data.neg %p : f64
      agent.yield %q : f64
    } id "d" site "d" : (f64) -> f64
    workflow.emit %c : f64 to @t site "e1"
    workflow.emit %d : f64 to @t site "e2"
    workflow.return
  }
}

// -----

// Another operand, setting, policy, attribute, region or language is other work.
// CHECK-LABEL: workflow.workflow @Unequal
// CHECK:       id "a"
// CHECK:       id "operand"
// CHECK:       id "setting"
// CHECK:       id "policy"
// CHECK:       id "attribute"
// CHECK:       id "language"
// CHECK:       id "p"
// CHECK:       id "op"
// CHECK:       id "use"
workflow.model @m onnx("m.onnx")
workflow.workflow @Unequal {
  workflow.source @s nats("a") : !data.record<{x: f64, y: f64}>
  workflow.on @s (%e: !data.record<{x: f64, y: f64}>) {
    %x = data.get %e["x"] : f64
    %y = data.get %e["y"] : f64
    %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
    %b = agent.model @m (x = %y) id "operand" site "2" : (f64) -> f64
    %c = agent.model @m (y = %x) id "setting" site "3" : (f64) -> f64
    %d = agent.model @m (x = %x) id "policy" site "4" policy <attempts = 2> : (f64) -> f64
    %f = agent.model @m (x = %x) id "attribute" site "5" attributes {mine = 1 : i64} : (f64) -> f64
    %g = agent.model @m (x = %x) id "language" site "6" language "rust" : (f64) -> f64
    %h = agent.process (%x, %y) do (%v: f64, %w: f64) {
      %z = data.sub %v, %w : f64
      agent.yield %z : f64
    } id "p" site "7" : (f64, f64) -> f64
    %i = agent.process (%x, %y) do (%v: f64, %w: f64) {
      %z = data.add %v, %w : f64
      agent.yield %z : f64
    } id "op" site "8" : (f64, f64) -> f64
    %j = agent.process (%x, %y) do (%v: f64, %w: f64) {
      %z = data.sub %w, %v : f64
      agent.yield %z : f64
    } id "use" site "9" : (f64, f64) -> f64
    workflow.return
  }
}

// -----

// Agents that ask the outside world give answers of their own.
// CHECK-LABEL: workflow.workflow @Votes
// CHECK:       id "first"
// CHECK:       id "second"
// REMARK-DAG:  `second` stays: two answers to equal inputs may differ
workflow.workflow @Votes {
  workflow.source @s nats("a") : !data.str
  workflow.on @s (%x: !data.str) {
    %a = agent.llm "a/b" (prompt = %x) id "first" site "1" : (!data.str) -> !data.str
    %b = agent.llm "a/b" (prompt = %x) id "second" site "2" : (!data.str) -> !data.str
    workflow.return
  }
}

// -----

// An equal fallback is equal work, but one that emits is an act of its own.
// CHECK-LABEL: workflow.workflow @Fallbacks
// CHECK:       id "a"
// CHECK-NOT:   id "b"
// CHECK:       id "c"
// CHECK:       id "d"
// CHECK:       id "e"
workflow.model @m onnx("m.onnx")
workflow.target @t nats("t")
workflow.workflow @Fallbacks {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.model @m (x = %x) id "a" site "1" fallback {
      agent.yield %x : f64
    } : (f64) -> f64
    %b = agent.model @m (x = %x) id "b" site "2" fallback {
      agent.yield %x : f64
    } : (f64) -> f64
    %c = agent.model @m (x = %x) id "c" site "3" fallback {
      %z = data.constant 0.0 : f64
      agent.yield %z : f64
    } : (f64) -> f64
    %d = agent.model @m (x = %x) id "d" site "4" fallback {
      workflow.emit %x : f64 to @t site "e1"
      agent.yield %x : f64
    } : (f64) -> f64
    %e = agent.model @m (x = %x) id "e" site "5" fallback {
      workflow.emit %x : f64 to @t site "e2"
      agent.yield %x : f64
    } : (f64) -> f64
    workflow.return
  }
}

// -----

// An agent before a statement serves those inside; one inside serves nobody outside, and regions of
// one statement do not serve each other.
// CHECK-LABEL: workflow.workflow @Dominance
// CHECK:       id "a"
// CHECK:       workflow.if
// CHECK-NOT:   id "b"
// CHECK:         id "c"
// CHECK:       } else {
// CHECK:         id "d"
// CHECK:       id "e"
// REMARK-DAG:  `b` does the work of `a`
workflow.model @m onnx("m.onnx")
workflow.model @n onnx("n.onnx")
workflow.target @t nats("t")
workflow.workflow @Dominance {
  workflow.source @s nats("a") : !data.record<{x: f64, c: i1}>
  workflow.on @s (%r: !data.record<{x: f64, c: i1}>) {
    %x = data.get %r["x"] : f64
    %i = data.get %r["c"] : i1
    %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
    workflow.if %i {
      %b = agent.model @m (x = %x) id "b" site "2" : (f64) -> f64
      %c = agent.model @n (x = %b) id "c" site "3" : (f64) -> f64
      workflow.emit %c : f64 to @t site "e1"
      workflow.yield
    } else {
      %d = agent.model @n (x = %a) id "d" site "4" : (f64) -> f64
      workflow.emit %d : f64 to @t site "e2"
      workflow.yield
    }
    %e = agent.model @n (x = %a) id "e" site "5" : (f64) -> f64
    workflow.emit %e : f64 to @t site "e3"
    workflow.return
  }
}

// -----

// Work without operands is equal in two workflows, but an agent serves its own workflow only.
// CHECK-LABEL: workflow.workflow @One
// CHECK:       id "a"
// CHECK-LABEL: workflow.workflow @Two
// CHECK:       id "b"
agent.extern @f python("m:f") effects "pure" : () -> f64
workflow.workflow @One {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.call @f () effects "pure" id "a" site "1" : () -> f64
    workflow.return
  }
}
workflow.workflow @Two {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.call @f () effects "pure" id "b" site "1" : () -> f64
    workflow.return
  }
}

// -----

// The body of a process sees nothing from outside; its fallback does, so the agent above serves it.
// CHECK-LABEL: workflow.subworkflow @Isolated
// CHECK:       [[A:%.*]] = agent.call @f () effects "pure" id "a"
// CHECK:       fallback {
// CHECK-NEXT:  agent.yield [[A]]
agent.extern @f python("m:f") effects "pure" : () -> f64
workflow.subworkflow @Isolated (%x: f64) -> (f64, f64) {
  %a = agent.call @f () effects "pure" id "a" site "1" : () -> f64
  %p = agent.process (%x) do (%v: f64) {
    agent.yield %v : f64
  } id "p" site "2" fallback {
    %b = agent.call @f () effects "pure" id "b" site "3" : () -> f64
    agent.yield %b : f64
  } : (f64) -> f64
  workflow.return %a, %p : f64, f64
}

// -----

// A handler that can tell which agent failed keeps equal agents apart; one that reads the message
// does not.
// CHECK-LABEL: workflow.workflow @Blame
// CHECK:       id "a"
// CHECK:       id "b"
// REMARK-DAG:  `b` stays: a `try` tells which agent failed
workflow.model @m onnx("m.onnx")
workflow.workflow @Blame {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
    %b = agent.model @m (x = %x) id "b" site "2" : (f64) -> f64
    workflow.try {
      workflow.emit %b : f64 to @t site "e1"
      workflow.emit %a : f64 to @t site "e2"
      workflow.yield
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      %g = data.get %err["agent"] : !data.str
      workflow.emit %g : !data.str to @t site "e3"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A handler that passes the whole error on tells of the agent, too.
// CHECK-LABEL: workflow.subworkflow @WholeError
// CHECK:       id "a"
// CHECK:       id "b"
workflow.model @m onnx("m.onnx")
workflow.target @t nats("t")
workflow.subworkflow @WholeError (%x: f64) -> () {
  %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
  %b = agent.model @m (x = %x) id "b" site "2" : (f64) -> f64
  workflow.try {
    workflow.emit %b : f64 to @t site "e1"
    workflow.emit %a : f64 to @t site "e2"
    workflow.yield
  } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    workflow.emit %err : !data.record<{message: !data.str, agent: !data.str}> to @t site "e3"
    workflow.yield
  }
  workflow.return
}

// -----

// One agent alone, whose answers differ, is not worth a remark.
// CHECK-LABEL: workflow.subworkflow @Alone
// QUIET-NOT:   `alone`
workflow.subworkflow @Alone (%x: !data.str) -> (!data.str) {
  %a = agent.llm "a/b" (prompt = %x) id "alone" site "a" : (!data.str) -> !data.str
  workflow.return %a : !data.str
}

// -----

// A handler that reads the message only does not keep them apart.
// CHECK-LABEL: workflow.workflow @Message
// CHECK:       id "a"
// CHECK-NOT:   id "b"
// CHECK:       workflow.return
workflow.model @m onnx("m.onnx")
workflow.workflow @Message {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %a = agent.model @m (x = %x) id "a" site "1" : (f64) -> f64
    %b = agent.model @m (x = %x) id "b" site "2" : (f64) -> f64
    workflow.try {
      workflow.emit %b : f64 to @t site "e1"
      workflow.yield
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      %g = data.get %err["message"] : !data.str
      workflow.emit %g : !data.str to @t site "e3"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK:      builtin.module {
// CHECK-NEXT: }
builtin.module {
}
