import { expect, test } from 'vitest'
import { scriptStatements } from '../../suites/pg_regress/psql-script.ts'

const textsOf = (script: string): readonly string[] =>
  scriptStatements(script).map(({ text }) => text)

test('statements end at semicolons outside of texts, comments, parentheses and bodies', () => {
  expect(textsOf(`select ';' as "a;b"; -- no; end\nselect $$;$$, $t$;$$;$t$;`)).toEqual([
    `select ';' as "a;b"`,
    'select $$;$$, $t$;$$;$t$',
  ])
  expect(textsOf(`select 1 /* ; /* ; */ ; */ + 1; select e'\\';', $1;`)).toEqual([
    'select 1  + 1',
    `select e'\\';', $1`,
  ])
  expect(textsOf('create rule r as on insert to t do (delete from t; select 1);')).toHaveLength(1)
  const body = 'create function f() returns int begin atomic; select case when true then 1 end; end'
  expect(textsOf(`${body}; select 2`.concat(';'))).toEqual([body, 'select 2'])
})

test("psql's commands are left out; those that send the statement end it", () => {
  expect(textsOf('\\set x 1\nselect 1 \\gset\n\\echo done\nselect 2;')).toEqual([
    'select 1',
    'select 2',
  ])
  expect(textsOf('select 1\\; select 2;')).toEqual(['select 1; select 2'])
})

test('the lines behind COPY FROM STDIN are its data', () => {
  const script = 'copy t from stdin;\n1\ta;b\n\\\\x\n\\.\nselect 1;'
  expect(scriptStatements(script)).toEqual([
    { line: 1, text: 'copy t from stdin', copyData: '1\ta;b\n\\\\x\n' },
    { line: 5, text: 'select 1', copyData: undefined },
  ])
})
