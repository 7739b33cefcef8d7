// Integers beyond 2^53 are kept whole as BigInt, and written as the numbers that they are.
export function exact(text) {
  return JSON.parse(text, (name, value, context) => {
    const isCut = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
    return isCut && /^-?\d+$/.test(context?.source) ? BigInt(context.source) : value;
  });
}

BigInt.prototype.toJSON = function () {
  return JSON.rawJSON ? JSON.rawJSON(this.toString()) : Number(this);
};
