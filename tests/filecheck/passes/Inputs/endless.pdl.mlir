// Two patterns that undo one another.
pdl.pattern @up : benefit(1) {
  %x = pdl.operand
  %str = pdl.type : !data.str
  %lower = pdl.attribute = "lower"
  %call = pdl.operation "data.call" (%x : !pdl.value) {"function" = %lower} -> (%str : !pdl.type)
  pdl.rewrite %call {
    %upper = pdl.attribute = "upper"
    %new = pdl.operation "data.call" (%x : !pdl.value) {"function" = %upper} -> (%str : !pdl.type)
    pdl.replace %call with %new
  }
}
pdl.pattern @down : benefit(1) {
  %x = pdl.operand
  %str = pdl.type : !data.str
  %upper = pdl.attribute = "upper"
  %call = pdl.operation "data.call" (%x : !pdl.value) {"function" = %upper} -> (%str : !pdl.type)
  pdl.rewrite %call {
    %lower = pdl.attribute = "lower"
    %new = pdl.operation "data.call" (%x : !pdl.value) {"function" = %lower} -> (%str : !pdl.type)
    pdl.replace %call with %new
  }
}
