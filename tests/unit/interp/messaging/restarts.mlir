// A workflow on which a recovery that counts in place of looking fails, with few seeds.
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.target @log nats("log")
  workflow.workflow @Random budget {calls = 10 : i64} {
    workflow.source @first nats("first") key "count" : !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>
    workflow.target @out nats("out")
    workflow.target @alerts file("alerts.jsonl")
    workflow.target @errors nats("errors")
    workflow.on @first (%0: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>) {
      %1 = data.record {f0 = %0, f1 = %0, f2 = %0}
      workflow.emit %1 : !data.record<{f0: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>, f1: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>, f2: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>}> to @alerts site "emit1"
      workflow.emit %0 : !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}> to @out site "emit2"
      %2 = data.constant false : i1
      workflow.if %2 {
        %3 = data.record {f0 = %1, f1 = %0, f2 = %0}
        workflow.emit %3 : !data.record<{f0: !data.record<{f0: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>, f1: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>, f2: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>}>, f1: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>, f2: !data.record<{count: i64, level: !data.option<!data.duration>, amount: !data.option<!data.duration>, at: i64}>}> to @log site "emit3"
        %4 = data.constant "b" : !data.str
        %5 = data.require %2, %4 "not-allowed" "a condition fails" : !data.str
        %6 = data.call "min"(%4, %5) : !data.str
        workflow.yield
      } else {
        workflow.yield
      }
      workflow.return
    }
  }
}
