// `a + b` and `b + a` are the same number.
pdl.pattern @add_commutes : benefit(1) {
  %a = pdl.operand
  %b = pdl.operand
  %t = pdl.type
  %sum = pdl.operation "data.add" (%a, %b : !pdl.value, !pdl.value) -> (%t : !pdl.type)
  pdl.rewrite %sum {
    %new = pdl.operation "data.add" (%b, %a : !pdl.value, !pdl.value) -> (%t : !pdl.type)
    pdl.replace %sum with %new
  }
}
