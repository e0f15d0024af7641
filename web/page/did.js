// did tells the page that its reader has guessed, watched or run an experiment: did('ran', 'one-slow').
export const did = (kind, what) => dispatchEvent(new CustomEvent('era:did', { detail: `${kind}/${what}` }))
