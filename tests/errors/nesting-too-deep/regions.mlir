workflow.subworkflow @f (%c: i1) {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.if %c {
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.yield }
workflow.return }
