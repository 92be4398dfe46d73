#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""manifest.py DAEMONSET CONTAINERFILE VERSION SERVICE: what no cluster is here to say of them."""
import re
import sys
import yaml

manifest, containerfile, version, service = sys.argv[1:]
bad = []

# of the API's objects, the fields that are used here, and the kinds of their values
METADATA = {'name': str, 'namespace': str, 'labels': {str: str}, 'annotations': {str: str}}
PROBE = {'httpGet': {'path': str, 'port': str}, 'periodSeconds': int, 'failureThreshold': int}
CONTAINER = {
    'name': str, 'image': str, 'imagePullPolicy': str, 'args': [str],
    'env': [{'name': str, 'valueFrom': {'fieldRef': {'fieldPath': str}}}],
    'ports': [{'name': str, 'containerPort': int, 'hostPort': int, 'protocol': str}],
    'securityContext': {'runAsUser': int, 'privileged': bool, 'readOnlyRootFilesystem': bool,
                        'capabilities': {'drop': [str], 'add': [str]}},
    'startupProbe': PROBE, 'readinessProbe': PROBE, 'livenessProbe': PROBE,
    'resources': {'requests': {str: str}, 'limits': {str: str}},
    'volumeMounts': [{'name': str, 'mountPath': str, 'readOnly': bool}],
}
POD = {
    'hostPID': bool, 'hostNetwork': bool, 'dnsPolicy': str, 'automountServiceAccountToken': bool,
    'enableServiceLinks': bool, 'terminationGracePeriodSeconds': int, 'priorityClassName': str,
    'nodeSelector': {str: str}, 'tolerations': [{'operator': str}],
    'securityContext': {'seccompProfile': {'type': str}}, 'containers': [CONTAINER],
    'volumes': [{'name': str, 'configMap': {'name': str}, 'hostPath': {'path': str, 'type': str}}],
}
KINDS = {
    ('v1', 'Namespace'): {},
    ('v1', 'ConfigMap'): {'data': {str: str}},
    ('apps/v1', 'DaemonSet'): {'spec': {
        'selector': {'matchLabels': {str: str}},
        'updateStrategy': {'type': str, 'rollingUpdate': {'maxUnavailable': str}},
        'template': {'metadata': METADATA, 'spec': POD}}},
}


def check(value, schema, where):
    if isinstance(schema, type):
        if type(value) is not schema:
            bad.append(f'{where}: {value!r} is not of type {schema.__name__}')
    elif isinstance(schema, list):
        if not isinstance(value, list):
            bad.append(f'{where} is no list')
        else:
            for number, item in enumerate(value):
                check(item, schema[0], f'{where}[{number}]')
    elif not isinstance(value, dict):
        bad.append(f'{where} is no mapping')
    else:
        for key, item in value.items():
            inner = schema.get(key, schema.get(str))
            if inner is None:
                bad.append(f'{where}.{key}: no such field')
            else:
                check(item, inner, f'{where}.{key}')


def want(holds, what):
    if not holds:
        bad.append(what)


documents = {}
for document in yaml.safe_load_all(open(manifest)):
    kind = (document['apiVersion'], document['kind'])
    want(kind in KINDS, f'{kind}: no such kind')
    check(document, {'apiVersion': str, 'kind': str, 'metadata': METADATA, **KINDS.get(kind, {})},
          kind[1])
    documents[kind[1]] = document

spec = documents['DaemonSet']['spec']
pod = spec['template']['spec']
box, = pod['containers']
security = box['securityContext']
labels = spec['template']['metadata']['labels']
unit = set(re.search(r'^CapabilityBoundingSet=(.*)', open(service).read(), re.M)[1].split())
want(spec['selector']['matchLabels'].items() <= labels.items(), 'the selector selects no pod')
want(pod['hostPID'] and pod['hostNetwork'], 'not the host\'s pids and network')
want(security['capabilities']['drop'] == ['ALL'], 'not all capabilities are dropped')
want({'CAP_' + c for c in security['capabilities']['add']} == unit | {'CAP_SYSLOG'},
     'the capabilities are not those of the unit, and CAP_SYSLOG')
want(not security['privileged'] and security['readOnlyRootFilesystem'], 'privileged or writable')
want(all(m['readOnly'] for m in box['volumeMounts']), 'a volume is writable')
want({m['name'] for m in box['volumeMounts']} == {v['name'] for v in pod['volumes']},
     'volumes and mounts differ')
want(box['livenessProbe']['httpGet']['path'] == '/healthz', 'liveness is not /healthz')
want(box['readinessProbe']['httpGet']['path'] == '/readyz', 'readiness is not /readyz')
want(box['image'].endswith(':' + version), f'the image is not of version {version}')
want(pod['tolerations'] == [{'operator': 'Exists'}], 'some nodes are left out')
want('memory' in box['resources']['limits'], 'no limit of memory')

stages = []
for line in open(containerfile).read().replace('\\\n', ' ').splitlines():
    if not line or line.startswith('#'):
        continue
    word, rest = line.split(None, 1)
    want(word in ('FROM', 'COPY', 'WORKDIR', 'RUN', 'EXPOSE', 'ENTRYPOINT', 'CMD'),
         f'Containerfile: {word}')
    if word == 'FROM':
        want(re.fullmatch(r'docker\.io/library/debian:bookworm(-slim)?( AS \w+)?', rest), rest)
        stages.append(rest.split(' AS ')[-1])
    source = re.match(r'--from=(\w+)', rest)
    want(not source or source[1] in stages[:-1], f'Containerfile: no stage {rest}')
want(len(stages) == 2, 'Containerfile: not two stages')

print('\n'.join(bad), end='\n' if bad else '')
sys.exit(bool(bad))
