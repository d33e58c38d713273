declare module 'mux.js' {
  interface Inspection {
    readonly video?: readonly { readonly ptsTime: number }[]
    readonly audio?: readonly { readonly ptsTime: number }[]
  }
  const mux: { readonly mp2t: { readonly tools: { inspect(bytes: Uint8Array): Inspection } } }
  export default mux
}
