import { join } from 'node:path'
import { Generator } from './random.ts'
import { RowWriter } from './row-writer.ts'
import { tables, type TableName } from './schema.ts'
import { textPool } from './text-pool.ts'
import {
  colors,
  containerSyllables,
  instructions,
  nations,
  priorities,
  regions,
  segments,
  shipModes,
  typeSyllables,
} from './words.ts'

const START_DATE = 8_035 // 1992-01-01
const END_DATE = 10_591 // 1998-12-31
const CURRENT_DATE = 9_298 // 1995-06-17
const ALPHANUMERIC = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ '

interface World {
  readonly random: Generator
  readonly pool: Uint8Array
  readonly folder: string
  readonly suppliers: number
  readonly parts: number
  readonly customers: number
  readonly orders: number
  readonly clerks: number
}

/**
 * Writes the eight tables of TPC-H as CSV files into `folder`, with the distributions, key
 * structure and text grammar of the specification (revision 3.0.1, section 4.2). The random numbers
 * are not dbgen's, so answers differ from the published ones; the same scale and seed always give
 * the same files.
 */
export function generateTpch(folder: string, scale: number): void {
  const random = new Generator(19_920_101)
  const world: World = {
    random,
    pool: textPool(random),
    folder,
    suppliers: Math.max(1, Math.round(10_000 * scale)),
    parts: Math.max(1, Math.round(200_000 * scale)),
    customers: Math.max(3, Math.round(150_000 * scale)),
    orders: Math.max(1, Math.round(1_500_000 * scale)),
    clerks: Math.max(1, Math.round(1_000 * scale)),
  }
  writeRegions(world)
  writeNations(world)
  writeSuppliers(world)
  writeParts(world)
  writePartSuppliers(world)
  writeCustomers(world)
  writeOrders(world)
}

function open(world: World, table: TableName): RowWriter {
  return new RowWriter(join(world.folder, `${table}.csv`), Object.keys(tables[table]))
}

function comment({ random, pool }: World, lengthMin: number, lengthMax: number): Uint8Array {
  const length = random.between(lengthMin, lengthMax)
  const start = random.between(0, pool.length - length)
  return pool.subarray(start, start + length)
}

function address({ random }: World): Uint8Array {
  const length = random.between(10, 40)
  let text = ''
  for (let i = 0; i < length; i++) text += ALPHANUMERIC[random.between(0, ALPHANUMERIC.length - 1)]
  return Buffer.from(text, 'latin1')
}

function phone({ random }: World, nation: number): string {
  const [a, b, c] = [
    random.between(100, 999),
    random.between(100, 999),
    random.between(1_000, 9_999),
  ]
  return `${nation + 10}-${a}-${b}-${c}`
}

function numbered(prefix: string, key: number): string {
  return `${prefix}#${String(key).padStart(9, '0')}`
}

function retailCents(part: number): number {
  return 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1_000)
}

/** The i-th (0 to 3) of a part's four suppliers. */
function supplierOf(part: number, i: number, suppliers: number): number {
  const step = Math.floor(suppliers / 4) + Math.floor((part - 1) / suppliers)
  return ((part + i * step) % suppliers) + 1
}

function writeRegions(world: World): void {
  const out = open(world, 'region')
  regions.forEach((name, key) => {
    out
      .integer(key)
      .text(name)
      .quoted(comment(world, 31, 115))
      .endRow()
  })
  out.close()
}

function writeNations(world: World): void {
  const out = open(world, 'nation')
  nations.forEach(([name, region], key) => {
    out
      .integer(key)
      .text(name)
      .integer(region)
      .quoted(comment(world, 31, 114))
      .endRow()
  })
  out.close()
}

function writeSuppliers(world: World): void {
  const { random, suppliers } = world
  const out = open(world, 'supplier')
  for (let key = 1; key <= suppliers; key++) {
    const nation = random.between(0, 24)
    out.integer(key).text(numbered('Supplier', key)).quoted(address(world)).integer(nation)
    out.text(phone(world, nation)).cents(random.between(-99_999, 999_999))
    out.quoted(supplierComment(world, key)).endRow()
  }
  out.close()
}

/** Five suppliers in ten thousand have complaints in their comment, five others recommendations. */
function supplierComment(world: World, key: number): Uint8Array {
  const text = Buffer.from(comment(world, 25, 100))
  const place = key % 2_000
  const inserted =
    place === 7 ? 'Customer Complaints' : place === 1_007 ? 'Customer Recommends' : ''
  text.write(inserted, 0, 'latin1')
  return text
}

function writeParts(world: World): void {
  const { random, parts } = world
  const out = open(world, 'part')
  for (let key = 1; key <= parts; key++) {
    const names = new Set<string>()
    while (names.size < 5) names.add(random.pick(colors))
    const manufacturer = random.between(1, 5)
    out
      .integer(key)
      .text([...names].join(' '))
      .text(`Manufacturer#${manufacturer}`)
    out.text(`Brand#${manufacturer}${random.between(1, 5)}`)
    out.text(typeSyllables.map((syllables) => random.pick(syllables)).join(' '))
    out.integer(random.between(1, 50))
    out.text(containerSyllables.map((syllables) => random.pick(syllables)).join(' '))
    out
      .cents(retailCents(key))
      .quoted(comment(world, 5, 22))
      .endRow()
  }
  out.close()
}

function writePartSuppliers(world: World): void {
  const { random, parts, suppliers } = world
  const out = open(world, 'partsupp')
  for (let part = 1; part <= parts; part++) {
    for (let i = 0; i < 4; i++) {
      out
        .integer(part)
        .integer(supplierOf(part, i, suppliers))
        .integer(random.between(1, 9_999))
      out
        .cents(random.between(100, 100_000))
        .quoted(comment(world, 49, 198))
        .endRow()
    }
  }
  out.close()
}

function writeCustomers(world: World): void {
  const { random, customers } = world
  const out = open(world, 'customer')
  for (let key = 1; key <= customers; key++) {
    const nation = random.between(0, 24)
    out.integer(key).text(numbered('Customer', key)).quoted(address(world)).integer(nation)
    out.text(phone(world, nation)).cents(random.between(-99_999, 999_999))
    out
      .text(random.pick(segments))
      .quoted(comment(world, 29, 116))
      .endRow()
  }
  out.close()
}

interface OrderTotals {
  cents: number
  open: number
  lines: number
}

function writeOrders(world: World): void {
  const { random } = world
  const orders = open(world, 'orders')
  const lines = open(world, 'lineitem')
  for (let index = 1; index <= world.orders; index++) {
    // Only 8 of 32 consecutive keys are used.
    const key = ((index >> 3) << 5) | (index & 7)
    const date = random.between(START_DATE, END_DATE - 151)
    const totals = writeLines(world, lines, key, date)
    const status = totals.open === 0 ? 'F' : totals.open === totals.lines ? 'O' : 'P'
    orders.integer(key).integer(customerOfOrder(world)).text(status).cents(totals.cents)
    orders.date(date).text(random.pick(priorities))
    orders.text(numbered('Clerk', random.between(1, world.clerks))).integer(0)
    orders.quoted(comment(world, 19, 78)).endRow()
  }
  orders.close()
  lines.close()
}

/** A third of the customers never order. */
function customerOfOrder({ random, customers }: World): number {
  const key = random.between(1, customers)
  if (key % 3 !== 0) return key
  return key + 1 <= customers ? key + 1 : key - 1
}

function writeLines(world: World, out: RowWriter, order: number, orderDate: number): OrderTotals {
  const { random, parts, suppliers } = world
  const totals = { cents: 0, open: 0, lines: random.between(1, 7) }
  for (let line = 1; line <= totals.lines; line++) {
    const part = random.between(1, parts)
    const quantity = random.between(1, 50)
    const price = quantity * retailCents(part)
    const discount = random.between(0, 10)
    const tax = random.between(0, 8)
    const shipped = orderDate + random.between(1, 121)
    const received = shipped + random.between(1, 30)
    const isOpen = shipped > CURRENT_DATE
    totals.cents += Math.round((price * (100 - discount) * (100 + tax)) / 10_000)
    totals.open += isOpen ? 1 : 0
    out
      .integer(order)
      .integer(part)
      .integer(supplierOf(part, random.between(0, 3), suppliers))
    out
      .integer(line)
      .cents(quantity * 100)
      .cents(price)
      .cents(discount)
      .cents(tax)
    out.text(received > CURRENT_DATE ? 'N' : random.pick(['R', 'A'])).text(isOpen ? 'O' : 'F')
    out
      .date(shipped)
      .date(orderDate + random.between(30, 90))
      .date(received)
    out.text(random.pick(instructions)).text(random.pick(shipModes))
    out.quoted(comment(world, 10, 43)).endRow()
  }
  return totals
}
