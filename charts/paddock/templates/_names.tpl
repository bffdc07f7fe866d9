{{- /* An image by its registry, and by its digest or tag. */ -}}
{{- define "paddock.image" -}}
{{- $images := .root.Values.images -}}
{{- $image := index $images .name -}}
{{- if $images.registry }}{{ $images.registry }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "paddock.labels" -}}
app.kubernetes.io/name: paddock
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "paddock.operatorSelector" -}}
app.kubernetes.io/name: paddock
app.kubernetes.io/component: operator
{{- end -}}
