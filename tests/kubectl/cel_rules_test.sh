#!/usr/bin/env bash
# The supported subset of CEL, function by function, at creation and at change; and rules outside of
# it, which are refused when the CRD is created.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"
validation=()
newer || validation=(--validate=false) # kubectl 1.20 does not know the field

# rule NAME TYPE RULE [MORE SCHEMA]: a CRD "NAMEs" with spec.v of this type and this rule.
crd() {
  cat << Y
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: $1s.cel.example.com}
spec:
  group: cel.example.com
  scope: Namespaced
  names: {plural: $1s, kind: $(tr '[:lower:]' '[:upper:]' <<< "${1:0:1}")${1:1}}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              v: {$2, x-kubernetes-validations: [{rule: '$3', message: $1 says no}]}
Y
}
object() { # NAME VALUE
  printf 'apiVersion: cel.example.com/v1\nkind: %s\nmetadata: {name: o}\nspec: {v: %s}\n' "$(tr '[:lower:]' '[:upper:]' <<< "${1:0:1}")${1:1}" "$2"
}
cat > "$scratch/rules" << 'R'
equal|type: integer, maximum: 1000|self == 3|3|4
differ|type: integer|self != 3|4|3
less|type: integer|self < 3 && self <= 2|2|3
more|type: integer|self > 3 \|\| self >= 9|4|3
negate|type: boolean|!self|false|true
within|type: string|self in ["a", "b"]|a|c
field|type: object, properties: {a: {type: string}, b: {type: string}}|has(self.a)|{a: x}|{b: x}
length|type: string, maxLength: 20|size(self) == 2|ab|abc
items|type: array, maxItems: 5, items: {type: integer}|size(self) > 1|[1, 2]|[1]
every|type: array, maxItems: 5, items: {type: integer}|self.all(x, x > 1)|[2, 3]|[2, 1]
some|type: array, maxItems: 5, items: {type: integer}|self.exists(x, x > 1)|[1, 2]|[1, 1]
choice|type: integer|self > 5 ? self < 9 : self > 1|7|9
starts|type: string, maxLength: 20|self.startsWith("ab")|abc|bc
ends|type: string, maxLength: 20|self.endsWith("bc")|abc|ab
holds|type: string, maxLength: 20|self.contains("b")|abc|ac
match|type: string, maxLength: 20|self.matches("^[a-c]+$")|abc|abd
pair|type: object, properties: {low: {type: integer}, high: {type: integer}}|self.low <= self.high|{low: 1, high: 2}|{low: 3, high: 2}
R
while IFS= read -r line; do
  line=${line//\\|/$'\x01'}
  IFS='|' read -r name schema rule good bad <<< "$line"
  crd "$name" "$schema" "${rule//$'\x01'/|}" > "$scratch/$name.yaml"
done < "$scratch/rules"
cat > "$scratch/kept.yaml" < <(crd kept "type: string" "self == oldSelf")
cat > "$scratch/grown.yaml" < <(crd grown "type: array, maxItems: 5, items: {type: string}" "oldSelf.all(x, x in self)")
for file in "$scratch"/*.yaml; do printf -- '---\n'; cat "$file"; done > "$scratch/all"
k apply "${validation[@]}" -f "$scratch/all"
k wait --for=condition=Established crd --all --timeout=45s
rm -rf "$HOME/.kube"
while IFS= read -r line; do
  line=${line//\\|/$'\x01'}
  IFS='|' read -r name schema rule good bad <<< "$line"
  object "$name" "$bad" | refuses "$name says no" create -f -
  object "$name" "$good" | k create -f -
  object "$name" "$bad" | refuses "$name says no" replace -f -
done < "$scratch/rules"
# Transition rules only apply to changes.
object kept one | k create -f -; object kept two | refuses "kept says no" replace -f -; object kept one | k replace -f -
object grown '[a]' | k create -f -; object grown '[a, b]' | k replace -f -; object grown '[b]' | refuses "grown says no" replace -f -

# Unsupported rules are refused immediately, with their name.
outside() { # RULE TEXT
  crd outside "type: string, maxLength: 20" "$1" | refuses "$2" create "${validation[@]}" -f -
  says "x-kubernetes-validations[0].rule"
  refuses "not found" get crd outsides.cel.example.com
}
outside 'self.frobnicate()' frobnicate
outside 'self ==' 'Syntax error'
outside 'unknown == self' unknown
outside 'self == 3' "no matching overload"
finish
