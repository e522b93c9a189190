export { above, type Claim, close, highest, largerLead, meets, type Verdict } from './claim';
export {
  type Comparison,
  type Evidence,
  type MeasuredRow,
  measuredEvidence,
  type Place,
  publishedEvidence,
} from './compare';
