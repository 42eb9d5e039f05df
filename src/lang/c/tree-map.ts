/** The typed tree, its parts replaced one level down. */

import type { InitItem, Node, Step } from './tree.ts'

/** What takes a part's place. */
interface Mapping {
  node(node: Node): Node
  step(step: Step): Step
}

const items = (all: readonly InitItem[], mapping: Mapping): readonly InitItem[] =>
  all.map((item) => ({ ...item, value: mapping.node(item.value) }))

/** The node with other nodes and steps inside it, visited in the order of evaluation. */
export function mapNode(node: Node, mapping: Mapping): Node {
  switch (node.kind) {
    case 'deref':
      return { ...node, pointer: mapping.node(node.pointer) }
    case 'member':
      return { ...node, base: mapping.node(node.base) }
    case 'compound':
      return { ...node, items: items(node.items, mapping) }
    case 'address':
    case 'not':
    case 'convert':
      return { ...node, operand: mapping.node(node.operand) }
    case 'arithmetic':
    case 'compare':
    case 'logical':
    case 'comma':
      return { ...node, left: mapping.node(node.left), right: mapping.node(node.right) }
    case 'conditional':
      return { ...node, test: mapping.node(node.test), yes: mapping.node(node.yes), no: mapping.node(node.no) }
    case 'statements': {
      const steps = node.steps.map((step) => mapping.step(step))
      return { ...node, steps, value: node.value && mapping.node(node.value) }
    }
    case 'assign':
      return { ...node, target: mapping.node(node.target), value: mapping.node(node.value) }
    case 'update':
      return { ...node, target: mapping.node(node.target), operand: mapping.node(node.operand) }
    case 'call': {
      const { callee } = node
      const args = node.args
        .toReversed()
        .map((arg) => mapping.node(arg))
        .toReversed()
      return 'name' in callee ? { ...node, args } : { ...node, callee: mapping.node(callee), args }
    }
    default:
      return node
  }
}

export function mapStep(step: Step, mapping: Mapping): Step {
  switch (step.kind) {
    case 'block':
      return { ...step, steps: step.steps.map((inner) => mapping.step(inner)) }
    case 'expression':
      return { ...step, value: mapping.node(step.value) }
    case 'initialise':
      return { ...step, items: items(step.items, mapping) }
    case 'if':
      return {
        ...step,
        test: mapping.node(step.test),
        yes: mapping.step(step.yes),
        no: step.no && mapping.step(step.no),
      }
    case 'loop':
      return {
        ...step,
        start: step.start && mapping.step(step.start),
        test: step.test && mapping.node(step.test),
        next: step.next && mapping.node(step.next),
        body: mapping.step(step.body),
      }
    case 'switch':
      return { ...step, value: mapping.node(step.value), body: mapping.step(step.body) }
    case 'return':
      return { ...step, value: step.value && mapping.node(step.value) }
    default:
      return step
  }
}
