namespace Mainstay.Conformance.Agent;

/// <summary>
/// A small HTTP server in perl, which every Debian has, as an image in two versions, and what is made of it.
/// </summary>
internal static class WebImage
{
    private const string Server = """
        use strict;
        use IO::Socket::INET;
        $| = 1;
        my ($address, $port) = ($ENV{LISTEN} || $ENV{POD_IP}, $ENV{LISTEN_PORT} || 8080);
        my $server = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 16, ReuseAddr => 1)
          or die "cannot listen on $address:$port: $!";
        print "listening on $address:$port\n";
        $SIG{TERM} = sub { print "asked to stop\n"; exit 0 };
        while (1) {
          my $client = $server->accept or next;
          <$client>;
          while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
          my $body = "VERSION $ENV{GREETING}\n";
          print $client "HTTP/1.1 200 OK\r\nContent-Length: ${\ length $body}\r\nConnection: close\r\n\r\n$body";
          close $client;
        }
        """;

    public const string Deployment = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {greeting: hello}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: test/web:v1
                ports: [{containerPort: 8080, name: http}]
                env: [{name: GREETING, valueFrom: {configMapKeyRef: {name: settings, key: greeting}}}]
                readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        """;

    public const string StaticPod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: fixed}
        spec:
          containers:
          - {name: fixed, image: "test/web:v1", ports: [{containerPort: 8080}]}
        """;

    public const string FaultyPods = """
        apiVersion: v1
        kind: Pod
        metadata: {name: noimage}
        spec: {containers: [{name: c, image: "test/none:v9"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: nosecret}
        spec:
          containers:
          - name: c
            image: test/web:v1
            env: [{name: GREETING, valueFrom: {secretKeyRef: {name: absent, key: x}}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: crash}
        spec: {containers: [{name: c, image: "test/web:v1", command: [bash, -c, "exit 3"]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: job}
        spec:
          restartPolicy: Never
          volumes: [{name: shared, emptyDir: {}}]
          initContainers:
          - name: first
            image: test/web:v1
            command: [bash, -c, "echo made by init >$MAINSTAY_MOUNT_SHARED/file"]
            volumeMounts: [{name: shared, mountPath: /shared}]
          containers:
          - name: c
            image: test/web:v1
            command: [bash, -c, "grep 'made by init' $MAINSTAY_MOUNT_SHARED/file"]
            volumeMounts: [{name: shared, mountPath: /shared}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: wild}
        spec:
          containers:
          - name: c
            image: test/web:v1
            env: [{name: LISTEN, value: 0.0.0.0}, {name: LISTEN_PORT, value: "8099"}]
            ports: [{containerPort: 8099}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: gated}
        spec:
          readinessGates: [{conditionType: mainstay.dev/routed}]
          containers: [{name: c, image: "test/web:v1", ports: [{containerPort: 8080}]}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: sick}
        spec:
          terminationGracePeriodSeconds: 2
          containers:
          - name: c
            image: test/web:v1
            livenessProbe: {exec: {command: [bash, -c, "exit 1"]}, periodSeconds: 1, failureThreshold: 2}
        """;

    public static void Write(string imagesFolder)
    {
        foreach (var version in new[] { "v1", "v2" })
        {
            var folder = Directory.CreateDirectory(Path.Combine(imagesFolder, "test", "web", version)).FullName;
            File.WriteAllText(
                Path.Combine(folder, "serve.pl"), Server.Replace("VERSION", version, StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder, "image.json"), """{"entrypoint": ["perl", "serve.pl"]}""");
        }
    }
}
