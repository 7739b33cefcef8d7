// RUN: kumeo-opt %s --split-input-file -p agent-dce | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p agent-dce,agent-dce | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p agent-dce -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s --split-input-file -p agent-dce -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=QUIET

// An unread agent goes with what only it read; a model or language model is reported.
// CHECK-LABEL: workflow.workflow @Unread
// CHECK:       workflow.on @s (%x: !data.str) {
// CHECK-NEXT:    workflow.emit %x : !data.str to @t site "e"
// CHECK-NEXT:    workflow.return
// REMARK-DAG:  warning[removed-agent]: agent `judge` is removed: nothing reads its result
// REMARK-DAG:  agent `clean` is removed: nothing reads its result
workflow.workflow @Unread {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %c = agent.process (%x) do (%y: !data.str) {
      agent.yield %y : !data.str
    } id "clean" site "clean" : (!data.str) -> !data.str
    %a = agent.llm "a/b" (prompt = %c) id "judge" site "judge" : (!data.str) -> !data.str
    %l = data.len %a
    %n = workflow.now
    workflow.emit %x : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// A statement of which nothing is read goes as a whole; of an agent that is read there is no remark.
// CHECK-LABEL: workflow.subworkflow @Statement
// CHECK-NEXT:  agent.llm {{.*}} id "read"
// CHECK-NEXT:  workflow.return
// QUIET-NOT:   agent `read`
workflow.subworkflow @Statement (%c: i1, %x: !data.str) -> (!data.str) {
  %r = workflow.if %c -> (!data.str) {
    %a = agent.llm "a/b" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
    workflow.yield %a : !data.str
  } else {
    workflow.yield %x : !data.str
  }
  %n = data.len %r
  %b = agent.llm "a/b" (prompt = %x) id "read" site "b" : (!data.str) -> !data.str
  workflow.return %b : !data.str
}

// -----

// An agent without judgement goes silently.
// REMARK-NOT:  warning[removed-agent]: agent `quiet`
// CHECK-LABEL: workflow.workflow @Quiet
// CHECK-NOT:   agent.process
workflow.workflow @Quiet {
  workflow.source @s nats("a") : !data.str
  workflow.on @s (%x: !data.str) {
    %c = agent.process (%x) do (%y: !data.str) {
      agent.yield %y : !data.str
    } id "quiet" site "c" : (!data.str) -> !data.str
    workflow.return
  }
}

// -----

// An agent that acts stays, with all that it reads.
// CHECK-LABEL: workflow.workflow @Acts
// CHECK:       agent.llm
// CHECK-NEXT:  agent.review
// REMARK-DAG:  agent `check` stays although unread: it acts
workflow.workflow @Acts {
  workflow.source @s nats("a") : !data.str
  workflow.on @s (%x: !data.str) {
    %a = agent.llm "a/b" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
    %r = agent.review (input = %a) id "check" site "check"
      : (!data.str) -> !data.record<{decision: !data.enum<"yes", "no">}>
    workflow.return
  }
}

// -----

// A fallback that emits makes the agent act.
// CHECK-LABEL: workflow.workflow @FallbackActs
// CHECK:       agent.llm
// CHECK:       workflow.emit
workflow.workflow @FallbackActs {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %a = agent.llm "a/b" (prompt = %x) id "a" site "a" fallback {
      workflow.emit %x : !data.str to @t site "late"
      agent.yield
    } : (!data.str) -> !data.str
    workflow.return
  }
}

// -----

// An agent in the condition of a statement that emits is read.
// CHECK-LABEL: workflow.workflow @Condition
// CHECK:       agent.call
// CHECK-NEXT:  workflow.if
agent.extern @f python("m:f") effects "pure" : (f64) -> i1
workflow.workflow @Condition {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %c = agent.call @f (%x) effects "pure" id "c" site "c" : (f64) -> i1
    workflow.if %c {
      workflow.emit %x : f64 to @t site "e"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A whole statement without effects goes; in one with effects only unread results go.
// CHECK-LABEL: workflow.workflow @Statements
// CHECK-NOT:   "unread"
// CHECK:       %{{.*}} = workflow.if %c -> (!data.str) {
// CHECK-NEXT:    workflow.emit %x : !data.str to @t site "inside"
// CHECK-NEXT:    %b = agent.llm "a/b" (prompt = %x) id "read" site "read"
// CHECK-NEXT:    workflow.yield %b : !data.str
// CHECK-NEXT:  } else {
// CHECK-NEXT:    workflow.yield %x : !data.str
// CHECK-NEXT:  }
// CHECK-NEXT:  workflow.emit
// REMARK-DAG:  warning[removed-agent]: agent `unread1` is removed
// REMARK-DAG:  warning[removed-agent]: agent `unread2` is removed
workflow.workflow @Statements {
  workflow.source @s nats("a") : !data.record<{c: i1, x: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{c: i1, x: !data.str}>) {
    %c = data.get %e["c"] : i1
    %x = data.get %e["x"] : !data.str
    %gone = workflow.if %c -> (!data.str) {
      %a = agent.llm "a/b" (prompt = %x) id "unread1" site "u1" : (!data.str) -> !data.str
      workflow.yield %a : !data.str
    } else {
      workflow.yield %x : !data.str
    }
    %p, %q = workflow.if %c -> (!data.str, !data.str) {
      %a = agent.llm "a/b" (prompt = %x) id "unread2" site "u2" : (!data.str) -> !data.str
      workflow.emit %x : !data.str to @t site "inside"
      %b = agent.llm "a/b" (prompt = %x) id "read" site "read" : (!data.str) -> !data.str
      workflow.yield %a, %b : !data.str, !data.str
    } else {
      workflow.yield %gone, %x : !data.str, !data.str
    }
    %l = data.len %p
    workflow.emit %q : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// A `try` whose handler emits reads its own results: an unread one stays.
// CHECK-LABEL: workflow.workflow @TryActs
// CHECK:       workflow.try -> (!data.str)
// CHECK:       agent.llm
workflow.workflow @TryActs {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %r = workflow.try -> (!data.str) {
      %a = agent.llm "a/b" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
      workflow.yield %a : !data.str
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.emit %x : !data.str to @t site "failed"
      workflow.yield %x : !data.str
    }
    workflow.return
  }
}

// -----

// A `try` of which one result is read keeps the other: its failure would start the handler.
// CHECK-LABEL: workflow.workflow @TryReadsBoth
// CHECK:       workflow.try -> (!data.str, !data.str)
// CHECK:       id "other"
workflow.workflow @TryReadsBoth {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %p, %q = workflow.try -> (!data.str, !data.str) {
      %a = agent.llm "a/b" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
      %b = agent.llm "a/b" (prompt = %x) id "other" site "b" : (!data.str) -> !data.str
      workflow.yield %a, %b : !data.str, !data.str
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.yield %x, %x : !data.str, !data.str
    }
    workflow.emit %p : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// A `try` with an emit in its body and a handler without effects: unread results go.
// CHECK-LABEL: workflow.workflow @TryBody
// CHECK:       workflow.try {
// CHECK-NEXT:    workflow.emit
// CHECK-NEXT:    workflow.yield
// CHECK:         workflow.yield
workflow.workflow @TryBody {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %p = workflow.try -> (!data.str) {
      %a = agent.llm "a/b" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
      workflow.emit %x : !data.str to @t site "e"
      workflow.yield %a : !data.str
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.yield %x : !data.str
    }
    workflow.return
  }
}

// -----

// A call of a subworkflow goes only if nothing in it acts; results of a subworkflow are read.
// CHECK-LABEL: workflow.subworkflow @pure
// CHECK:       agent.llm
// CHECK-LABEL: workflow.workflow @Calls
// CHECK-NOT:   @pure(
// CHECK:       workflow.call @sends
workflow.target @t nats("t")
workflow.subworkflow @pure (%x: !data.str) -> (!data.str) {
  %a = agent.llm "a/b" (prompt = %x) id "a" site "a" : (!data.str) -> !data.str
  workflow.return %a : !data.str
}
workflow.subworkflow @sends (%x: !data.str) {
  workflow.call @deep(%x) site "d" : (!data.str) -> ()
  workflow.return
}
workflow.subworkflow @deep (%x: !data.str) {
  workflow.emit %x : !data.str to @t site "e"
  workflow.return
}
workflow.workflow @Calls {
  workflow.source @s nats("a") : !data.str
  workflow.on @s (%x: !data.str) {
    %r = workflow.call @pure(%x) site "p" : (!data.str) -> (!data.str)
    workflow.call @sends(%x) site "s" : (!data.str) -> ()
    workflow.return
  }
}

// -----

// Guard: a model whose tools act stays, and so does a query of a database that may be written.
// CHECK-LABEL: workflow.workflow @Acting
// CHECK:       workflow.on @s
// CHECK-NEXT:    agent.llm "a/b" (prompt = %x) tools [@pay] effects "acts"
// CHECK-NEXT:    agent.query @log () sql "DELETE FROM t" effects "acts"
// CHECK-NEXT:    workflow.return
agent.extern @pay python("m:f") effects "acts" {parameters = ["q"]} : (!data.str) -> f64
agent.extern @look python("m:f") effects "read" {parameters = ["q"]} : (!data.str) -> f64
workflow.workflow @Acting {
  workflow.source @s nats("a") : !data.str
  workflow.context @log database("sqlite:t.db") {read_only = false}
  workflow.context @db database("sqlite:t.db")
  workflow.on @s (%x: !data.str) {
    %a = agent.llm "a/b" (prompt = %x) tools [@pay] effects "acts" id "a" site "a" : (!data.str) -> !data.str
    %b = agent.llm "a/b" (prompt = %x) tools [@look] id "b" site "b" : (!data.str) -> !data.str
    %c = agent.query @log () sql "DELETE FROM t" effects "acts" id "c" site "c" : () -> !data.json
    %d = agent.query @db () sql "SELECT 1" id "d" site "d" : () -> !data.json
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK:      builtin.module {
// CHECK-NEXT: }
builtin.module {
}
