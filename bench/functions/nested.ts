import { alike, unlike, type FunctionCase } from './case.ts'

/** The columns of functions that take JSON apart, as arrays. */
const jsonLists = [
  ['json', 'jt'],
  ['jsonb', 'j'],
].flatMap(([kind, column]): readonly (readonly [string, string])[] =>
  ['', '_text'].flatMap((end): readonly (readonly [string, string])[] => {
    const extract = end === '' ? 'json_extract' : 'json_extract_string'
    return [
      [`${kind}_array_elements${end}_values(${column} -> 'b')`, `${extract}(${column}, '$.b[*]')`],
      [`${kind}_each${end}_keys(${column})`, `json_keys(${column})`],
      [`${kind}_each${end}_values(${column})`, `${extract}(${column}, '$.*')`],
      ...(end === ''
        ? ([[`${kind}_object_keys_values(${column})`, `json_keys(${column})`]] as const)
        : []),
    ]
  }),
)

const path = "'{b,0}'::text[]"

/** Functions of arrays and JSON, and of bytes and identifiers. */
export const nestedCases: readonly FunctionCase[] = [
  ...alike('list', 'array[i, i2]'),
  ...alike('number', 'l[1]'),
  ...unlike('number', {
    'cardinality(l)': 'len(l)',
    'array_length(l, 1)': 'len(l)',
    'array_upper(l, 1)': 'len(l)',
    'array_position(l, 7)': 'list_position(l, 7)',
  }),
  ...unlike('list', {
    'array_append(l, i)': 'list_append(l, i)',
    'array_prepend(i, l)': 'list_prepend(i, l)',
    'array_cat(l, l2)': 'case when l is not null then list_concat(l, l2) end',
    'l || l2': 'case when l is not null then list_concat(l, l2) end',
    'array_remove(l, 7)': 'list_filter(l, lambda a: a <> 7)',
    'array_replace(l, 7, 8)': 'list_transform(l, lambda a: if(a = 7, 8, a))',
    'l[1:2]': 'l[1:2]',
    'trim_array(l, 1)': 'l[1:len(l) - 1]',
    'array_fill(i, array[3])': 'repeat([i], 3)',
    ...Object.fromEntries(jsonLists),
    'array_positions(l, 7)': 'list_filter(range(1, len(l) + 1), lambda a: l[a] = 7)',
  }),
  ...alike('text', "array_to_string(l, ',')"),
  ...unlike('truth', {
    "jsonb_path_exists(j, '$.c.d')": "json_exists(j, '$.c.d')",
    "j @? '$.a ? (@ > 50000)'":
      "case when j is not null then cast(j -> 'a' as integer) > 50000 end",
    "j @@ '$.a > 50000'": "case when j is not null then cast(j -> 'a' as integer) > 50000 end",
    'l @> l2': 'list_has_all(l, l2)',
    'l2 <@ l': 'list_has_all(l, l2)',
    'l && l2': 'list_has_any(l, l2)',
    'j @> \'{"c": {"d": "e"}}\'::jsonb': 'json_contains(j, \'{"c": {"d": "e"}}\')',
    '\'{"c": {"d": "e"}}\'::jsonb <@ j': 'json_contains(j, \'{"c": {"d": "e"}}\')',
    "j ? 'a'": "json_exists(j, '$.a')",
    "j ?| '{a,x}'::text[]": "json_exists(j, '$.a') or json_exists(j, '$.x')",
    "j ?& '{a,b}'::text[]": "json_exists(j, '$.a') and json_exists(j, '$.b')",
  }),
  ...unlike('presence', {
    "jsonb_path_query_first(j, '$.b[0]')": "json_extract(j, '$.b[0]')",
    "jsonb_path_query_first(j, '$.c.d')": "json_extract(j, '$.c.d')",
    "jsonb_path_query_array(j, '$.b[*]')": "json_extract(j, '$.b[*]')",
    'array_to_json(l)': 'to_json(l)',
    'to_json(i)': 'to_json(i)',
    'to_jsonb(i)': 'to_json(i)',
    'to_json(plain)': 'to_json(plain)',
    'to_jsonb(l)': 'to_json(l)',
    'json_build_array(i, plain)': 'json_array(i, plain)',
    'jsonb_build_array(i, plain)': 'json_array(i, plain)',
    "json_build_object('a', i, 'b', plain)": "json_object('a', i, 'b', plain)",
    "jsonb_build_object('a', i, 'b', plain)": "json_object('a', i, 'b', plain)",
    'cast(doc as jsonb)': 'cast(doc as json)',
    'cast(doc as json)': 'cast(doc as json)',
    'cast(jt as jsonb)': 'cast(doc as json)',
    'to_jsonb(jt)': 'to_json(jt)',
    'jsonb_build_array(jt, f * 1e30)': 'json_array(jt, f * 1e30)',
    'jsonb_build_object(coalesce(i, 0), plain, coalesce(b, 1), i)':
      'json_object(cast(coalesce(i, 0) as varchar), plain, cast(coalesce(b, 1) as varchar), i)',
    "j -> 'b'": "j -> 'b'",
    "jt -> 'b'": "jt -> 'b'",
    "j -> 'b' -> 0": "j -> 'b' -> 0",
    [`j #> ${path}`]: "j -> '$.b[0]'",
    "json_extract_path(jt, 'b', '0')": "json_extract(jt, '$.b[0]')",
    "jsonb_extract_path(j, 'b', '0')": "json_extract(j, '$.b[0]')",
    'jsonb_pretty(j)': 'json_pretty(j)',
    'j || \'{"z": 1}\'::jsonb':
      'case when j is not null then json_merge_patch(j, \'{"z": 1}\') end',
    "j - 'a'": 'case when j is not null then json_merge_patch(j, \'{"a": null}\') end',
    'jsonb_strip_nulls(j)': "json_merge_patch('{}', j)",
  }),
  ...unlike('text', {
    "j ->> 'a'": "j ->> 'a'",
    "jt ->> 'a'": "jt ->> 'a'",
    [`j #>> ${path}`]: "j ->> '$.b[0]'",
    "json_extract_path_text(jt, 'b', '0')": "json_extract_string(jt, '$.b[0]')",
    "jsonb_extract_path_text(j, 'b', '0')": "json_extract_string(j, '$.b[0]')",
    "jsonb_typeof(j -> 'b')": "lower(json_type(j, '$.b'))",
    "json_typeof(jt -> 'b')": "lower(json_type(jt, '$.b'))",
  }),
  ...unlike('float', {
    "cast(j -> 'a' as double precision)": "cast(j -> 'a' as double)",
  }),
  ...unlike('number', {
    "json_array_length(jt -> 'b')": "json_array_length(jt, '$.b')",
    "jsonb_array_length(j -> 'b')": "json_array_length(j, '$.b')",
    "cast(j -> 'a' as integer)": "cast(j -> 'a' as integer)",
    "cast(j -> 'a' as numeric)": "cast(j -> 'a' as decimal(18, 0))",
    'length(o)': 'octet_length(o)',
    'octet_length(o)': 'octet_length(o)',
  }),
  ...unlike('bytes', {
    'substr(o, 2, 3)': 'o[2:4]',
    'substring(o from 2 for 3)': 'o[2:4]',
  }),
]

/** What DuckDB has nothing for, by the reason. */
export const withoutPeer: Readonly<Record<string, string>> = {
  'lower bounds and dimensions of arrays': 'array_dims array_lower array_ndims',
  'types that a statement makes': 'enum_first enum_last enum_range',
  'changes within JSON': '#- jsonb_set jsonb_insert',
  'digits of a numeric, which DuckDB fixes by its type': 'scale min_scale trim_scale',
  'objects of arrays of texts, and documents that are written anew':
    'json_object jsonb_object json_strip_nulls jsonb_set_lax',
  'columns that a query defines, and parts of columns that are assigned to':
    'json_field_as jsonb_field_as array_with_element array_with_slice jsonb_with_part record_with_field ' +
    'json_populate_record jsonb_populate_record',
  'conditions that are the whole result, and zones of moments':
    'jsonb_path_match jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz jsonb_path_query_first_tz',
  'other names of operators':
    'jsonb_contains jsonb_contained jsonb_exists jsonb_exists_any jsonb_exists_all jsonb_concat jsonb_delete ' +
    'jsonb_delete_path jsonb_path_exists_opr jsonb_path_match_opr array_eq array_ne array_lt array_le array_gt array_ge ' +
    'arraycontains arraycontained arrayoverlap',
  'what the session says, asked once a statement': 'current_setting set_config',
  'what stands in other names of this list': 'like not_like ilike not_ilike',
  'done when rows are stored': 'store_varchar store_bpchar store_bit store_varbit store_elements',
  'styles of moments that a session asked for': 'cast_in_locale',
  'fields of rows, which are found as the query is planned where they can be':
    'record_field record_is_null record_is_not_null',
  'ranges of other types than integers, whose code is the same, and sets of ranges':
    'int8range numrange daterange tsrange tstzrange int4multirange int8multirange nummultirange ' +
    'datemultirange tsmultirange tstzmultirange upper_inc lower_inf multirange &< &>',
  'what TABLESAMPLE asks of its rows': 'sample_fraction sample_percentage sample_seed',
  'what a catalog says of its objects, by their numbers':
    'format_type current_schemas acldefault pg_encoding_to_char pg_char_to_encoding pg_table_is_visible ' +
    'pg_type_is_visible pg_function_is_visible pg_operator_is_visible pg_opclass_is_visible ' +
    'pg_opfamily_is_visible pg_collation_is_visible pg_conversion_is_visible pg_statistics_obj_is_visible ' +
    'pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible ' +
    'has_table_privilege has_any_column_privilege has_database_privilege has_foreign_data_wrapper_privilege ' +
    'has_function_privilege has_language_privilege has_schema_privilege has_sequence_privilege ' +
    'has_server_privilege has_tablespace_privilege has_type_privilege has_column_privilege pg_has_role ' +
    'pg_get_expr pg_get_constraintdef pg_get_indexdef pg_get_viewdef pg_get_ruledef pg_get_triggerdef ' +
    'pg_get_partkeydef pg_get_partition_constraintdef pg_get_statisticsobjdef pg_get_statisticsobjdef_columns ' +
    'pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_functiondef ' +
    'pg_get_function_sqlbody pg_get_function_arg_default obj_description shobj_description col_description ' +
    'pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size pg_database_size pg_tablespace_size ' +
    'pg_get_userbyid pg_is_in_recovery pg_backend_pid pg_stat_get_numscans pg_my_temp_schema ' +
    'pg_is_other_temp_schema pg_tablespace_location pg_relation_filenode pg_relation_is_publishable ' +
    'pg_relation_is_updatable pg_column_is_updatable pg_sequence_last_value _pg_index_position ' +
    'to_regclass to_regtype to_regproc to_regprocedure to_regoper to_regoperator to_regnamespace to_regrole ' +
    'to_regcollation _pg_char_max_length _pg_char_octet_length _pg_numeric_precision ' +
    '_pg_numeric_precision_radix _pg_numeric_scale _pg_datetime_precision _pg_interval_type',
  'sequences, which go on with each call': 'nextval currval lastval setval pg_get_serial_sequence',
}
