/// Single words that tell more apart than their group: counted one by one, beside ``WordGroup``. Whole words, lower
/// case; a word may carry one mark only. Read since version 2 of the featurizer.
enum WordMark: UInt8, CaseIterable {
  case what, which, who, when, why, how, many, following, best, truth, supposition, condition
  case proof, solving, explaining, each, units, argument, moral, passage, money, age, people
  case obligation, quantifier

  /// Space-separated members, as a literal so that no string is built at run time.
  var words: StaticString {
    switch self {
    case .what: "what"
    case .which: "which"
    case .who: "who whom whose"
    case .when: "when where"
    case .why: "why"
    case .how: "how"
    case .many: "many much"
    case .following: "following"
    case .best: "best most least except"
    case .truth: "true false correct incorrect statement statements"
    case .supposition: "let suppose assume given consider"
    case .condition: "if unless"
    case .proof: "prove proof show derive"
    case .solving: "calculate compute find evaluate solve determine estimate"
    case .explaining: "explain describe discuss analyze analyse compare contrast"
    case .each: "each per every total twice half times"
    case .units:
      """
      kg g cm mm m km meter meters metre metres mile miles hour hours minute minutes second seconds joule joules \
      newton newtons volt volts amp amps gram grams liter liters litre litres degree degrees
      """
    case .argument:
      "premise premises argument arguments valid invalid fallacy conclusion conclusions"
    case .moral: "moral morally morality wrong ethical ethics"
    case .passage: "passage refers information paragraph excerpt author"
    case .money: "dollar dollars cent cents euro euros price cost paid"
    case .age: "year years century centuries old"
    case .people: "he she his her him hers they their them"
    case .obligation: "should must ought shall"
    case .quantifier: "all none both neither"
    }
  }

  /// Names of the columns, space-separated, in case order.
  static let names: StaticString = """
    log_what log_which log_who log_when log_why log_how log_many log_following log_best log_true \
    log_suppose log_if log_prove log_solve log_explain log_each log_units log_argument log_moral \
    log_passage log_money log_years log_people log_should log_all_none
    """
}
