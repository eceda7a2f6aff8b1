// Angles in degrees, with the exact values where a circle has them, by the formulas of PostgreSQL's float.c.

import { floatAcos, floatAsin, floatAtan, floatAtan2 } from './arcs'
import { floatCos, floatSin } from './sines'

const RADIANS: f64 = 0.0174532925199432957692
const SINE_30: f64 = floatSin(30 * RADIANS)
const REST_60: f64 = 1 - floatCos(60 * RADIANS)
const ARC_SINE_HALF: f64 = floatAsin(0.5)
const ARC_COSINE_HALF: f64 = floatAcos(0.5)
const ARC_TANGENT_1: f64 = floatAtan(1)
const TANGENT_45: f64 = sineTo90(45) / cosineTo90(45)
const COTANGENT_45: f64 = cosineTo90(45) / sineTo90(45)

// @ts-ignore: decorator
@inline
function sineTo30(x: f64): f64 {
  return floatSin(x * RADIANS) / SINE_30 / 2
}

// @ts-ignore: decorator
@inline
function cosineTo60(x: f64): f64 {
  return 1 - (1 - floatCos(x * RADIANS)) / REST_60 / 2
}

function sineTo90(x: f64): f64 {
  return x <= 30 ? sineTo30(x) : cosineTo60(90 - x)
}

function cosineTo90(x: f64): f64 {
  return x <= 60 ? cosineTo60(x) : sineTo30(90 - x)
}

export function floatSind(x: f64): f64 {
  let angle = x % 360
  let sign: f64 = 1
  if (angle < 0) {
    angle = -angle
    sign = -1
  }
  if (angle > 180) {
    angle = 360 - angle
    sign = -sign
  }
  if (angle > 90) angle = 180 - angle
  return sign * sineTo90(angle)
}

export function floatCosd(x: f64): f64 {
  let angle = abs(x % 360)
  let sign: f64 = 1
  if (angle > 180) angle = 360 - angle
  if (angle > 90) {
    angle = 180 - angle
    sign = -1
  }
  return sign * cosineTo90(angle)
}

// The sign of a tangent, and the angle in the first quadrant that it is of.
let quadrantSign: f64 = 1

function toQuadrant(x: f64): f64 {
  let angle = x % 360
  let sign: f64 = 1
  if (angle < 0) {
    angle = -angle
    sign = -1
  }
  if (angle > 180) {
    angle = 360 - angle
    sign = -sign
  }
  if (angle > 90) {
    angle = 180 - angle
    sign = -sign
  }
  quadrantSign = sign
  return angle
}

export function floatTand(x: f64): f64 {
  const angle = toQuadrant(x)
  // Adding 0 turns -0 into 0.
  return quadrantSign * (sineTo90(angle) / cosineTo90(angle) / TANGENT_45) + 0
}

export function floatCotd(x: f64): f64 {
  const angle = toQuadrant(x)
  return quadrantSign * (cosineTo90(angle) / sineTo90(angle) / COTANGENT_45) + 0
}

function arcSineTo90(x: f64): f64 {
  return x <= 0.5 ? (floatAsin(x) / ARC_SINE_HALF) * 30 : 90 - (floatAcos(x) / ARC_COSINE_HALF) * 60
}

function arcCosineTo90(x: f64): f64 {
  return x <= 0.5 ? 90 - (floatAsin(x) / ARC_SINE_HALF) * 30 : (floatAcos(x) / ARC_COSINE_HALF) * 60
}

export function floatAsind(x: f64): f64 {
  return x >= 0 ? arcSineTo90(x) : -arcSineTo90(-x)
}

export function floatAcosd(x: f64): f64 {
  return x >= 0 ? arcCosineTo90(x) : 90 + arcSineTo90(-x)
}

export function floatAtand(x: f64): f64 {
  return (floatAtan(x) / ARC_TANGENT_1) * 45
}

export function floatAtan2d(y: f64, x: f64): f64 {
  return (floatAtan2(y, x) / ARC_TANGENT_1) * 45
}
