const {connect}=await import('./dist/bundle/index.js'); const t1=performance.now();
const db=await connect(); const t2=performance.now();
const r=await db.query('select 1 as x'); r.rows(); const t3=performance.now();
console.log('import end',(t1).toFixed(0),'connect',(t2-t1).toFixed(0),'query',(t3-t2).toFixed(0),'since process start',(performance.now()).toFixed(0)); const t=performance.now(); console.log(r.toArrow().numRows, (performance.now()-t).toFixed(0)); const a=await import('apache-arrow'); console.log(r.toArrow() instanceof a.Table); process.exit()
