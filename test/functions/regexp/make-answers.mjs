// Writes postgres-15-patterns.tsv: what PostgreSQL 15 says of random patterns and texts.
// Run: node test/functions/regexp/make-answers.mjs [seed] (needs psql, a UTF-8 database of C.UTF-8).
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { randomFlags, randomOf, randomPattern, randomText } from './random-patterns.mjs'

const CASES = 3_000
const PATTERN_LENGTH_MAX = 60
const seed = Number(process.argv[2] ?? 2026)
const random = randomOf(seed)

function escaped(text) {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

const lines = []
while (lines.length < CASES) {
  const backReferences = random() < 0.3
  const pattern = randomPattern(random, { backReferences })
  const fields = [pattern, randomText(random), randomFlags(random)]
  if (pattern.length <= PATTERN_LENGTH_MAX) lines.push(fields.map(escaped).join('\t'))
}

const script = `
create temp table cases (id serial, pattern text, source text, flags text);
copy cases (pattern, source, flags) from stdin;
${lines.join('\n')}
\\.
create function pg_temp.matched(s text, p text, f text) returns text language plpgsql as $$
begin return coalesce(to_json(regexp_match(s, p, f))::text, 'null');
exception when others then return sqlstate || ' ' || sqlerrm; end $$;
create function pg_temp.replaced(s text, p text, f text) returns text language plpgsql as $$
begin return to_json(regexp_replace(s, p, '<\\&|\\1>', f || 'g'))::text;
exception when others then return sqlstate || ' ' || sqlerrm; end $$;
copy (select pattern, source, flags, pg_temp.matched(source, pattern, flags),
  pg_temp.replaced(source, pattern, flags) from cases order by id)
to stdout;
`
const answers = execFileSync('psql', ['-qX'], { input: script, maxBuffer: 1 << 28 })
writeFileSync(new URL('postgres-15-patterns.tsv', import.meta.url), answers)
