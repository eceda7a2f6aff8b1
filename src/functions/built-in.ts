import { aggregateFunctions } from './aggregates/aggregates.ts'
import { arrayFunctions } from './array/functions.ts'
import { bitFunctions } from './bits/functions.ts'
import { charsetFunctions } from './bytes/charsets.ts'
import { digestFunctions } from './bytes/digests.ts'
import { encodingFunctions } from './bytes/encodings.ts'
import { bytePartFunctions } from './bytes/parts.ts'
import { Overloads, type FunctionCatalogue } from './catalogue.ts'
import { datetimeOperators } from './datetime/arithmetic.ts'
import { datetimeFunctions } from './datetime/functions.ts'
import { secondRoundings } from './datetime/round-seconds.ts'
import { overlapsFunctions } from './datetime/overlaps.ts'
import { templateFunctions } from './datetime/from-template-functions.ts'
import { localeFunctions } from './datetime/in-locale.ts'
import { zonedTimeFunctions } from './datetime/zoned-times.ts'
import { withOtherNames } from './other-names.ts'
import { finalFunctions } from './aggregates/finals.ts'
import { jsonFunctions } from './json/functions.ts'
import { jsonPathFunctions, jsonPathRows } from './json/jsonpath/functions.ts'
import { objectFunctions } from './json/objects.ts'
import { jsonOtherNames } from './json/other-names.ts'
import { arrayOtherNames } from './array/other-names.ts'
import { jsonAssignedParts } from './json/assigned-parts.ts'
import { recordFields } from './json/record-fields.ts'
import { jsonRecords } from './tables/json-records.ts'
import { degreeFunctions } from './math/degrees.ts'
import { digitFunctions } from './math/digits.ts'
import { extremeFunctions } from './math/extremes.ts'
import { mathFunctions } from './math/functions.ts'
import { enumFunctions } from './enum-functions.ts'
import { rangeFunctions, rangeRows } from './ranges/functions.ts'
import { recordFunctions } from './record/functions.ts'
import { roundingFunctions } from './math/rounding.ts'
import { sizeFunctions } from './math/sizes.ts'
import { toNumberFunction } from './math/to-number.ts'
import { comparisonFunctions } from './operators/comparison.ts'
import { exactFunctions } from './operators/exact.ts'
import { floatFunctions } from './operators/float.ts'
import { integerFunctions } from './operators/integer.ts'
import { samplingFunctions } from './sampling.ts'
import { encodingNames } from './catalogs/encodings.ts'
import { catalogRows } from './catalogs/rows.ts'
import { catalogFunctions } from './catalogs/functions.ts'
import { informationSchemaFunctions } from './catalogs/information-schema.ts'
import { sequenceFunctions } from './sequences.ts'
import { sessionFunctions } from './session.ts'
import { arrayRows } from './tables/arrays.ts'
import { jsonLists } from './tables/json-lists.ts'
import { jsonRows } from './tables/json.ts'
import { memoryFunction } from './tables/memory.ts'
import { oneRow } from './tables/one-row.ts'
import { seriesFunctions } from './tables/series.ts'
import { textRows } from './tables/texts.ts'
import { distanceFunctions } from './text/distances.ts'
import { formatFunctions } from './text/format.ts'
import { textFunctions } from './text/functions.ts'
import { likeFunctions } from './text/like.ts'
import { nameFunctions } from './text/names.ts'
import { nullCountFunctions } from './text/null-counts.ts'
import { paddedFunctions } from './text/padded.ts'
import { pieceFunctions } from './text/pieces.ts'
import { regexpFunctions } from './text/regexp/functions.ts'
import { paddedPatterns } from './text/regexp/padded-patterns.ts'
import { unicodeFunctions } from './text/unicode.ts'
import { toCharFunctions } from './datetime/to-char-functions.ts'
import { uuidFunctions } from './uuid/functions.ts'
import { rankingFunctions } from './windows/ranking.ts'
import { valueFunctions } from './windows/values.ts'

/** What every engine, thread and worker process has. They make their catalogue of it, nobody else asks it. */
export const builtInFunctions: FunctionCatalogue = {
  scalar: new Overloads(
    withOtherNames([
      ...comparisonFunctions,
      ...integerFunctions,
      ...exactFunctions,
      ...floatFunctions,
      ...mathFunctions,
      ...extremeFunctions,
      ...roundingFunctions,
      ...digitFunctions,
      ...degreeFunctions,
      toNumberFunction,
      ...sizeFunctions,
      ...textFunctions,
      ...pieceFunctions,
      ...formatFunctions,
      ...distanceFunctions,
      ...nameFunctions,
      ...unicodeFunctions,
      ...nullCountFunctions,
      ...likeFunctions,
      ...paddedFunctions,
      ...paddedPatterns,
      ...regexpFunctions,
      ...bitFunctions,
      ...bytePartFunctions,
      ...encodingFunctions,
      ...digestFunctions,
      ...charsetFunctions,
      ...toCharFunctions,
      ...datetimeOperators,
      ...datetimeFunctions,
      ...localeFunctions,
      ...templateFunctions,
      ...overlapsFunctions,
      ...secondRoundings,
      ...zonedTimeFunctions,
      ...uuidFunctions,
      ...arrayFunctions,
      ...jsonFunctions,
      ...jsonPathFunctions,
      ...objectFunctions,
      ...jsonOtherNames,
      ...recordFields,
      ...jsonAssignedParts,
      ...arrayOtherNames,
      ...jsonLists,
      ...recordFunctions,
      ...rangeFunctions,
      ...enumFunctions,
      ...sessionFunctions,
      ...sequenceFunctions,
      ...samplingFunctions,
      ...catalogFunctions,
      ...informationSchemaFunctions,
      ...encodingNames,
      ...finalFunctions,
    ]),
  ),
  aggregate: new Overloads(aggregateFunctions),
  window: new Overloads([...rankingFunctions, ...valueFunctions]),
  table: new Overloads([
    ...jsonPathRows,
    ...jsonRecords,
    ...seriesFunctions,
    ...arrayRows,
    ...textRows,
    ...jsonRows,
    oneRow,
    memoryFunction,
    ...catalogRows,
    ...rangeRows,
  ]),
}
