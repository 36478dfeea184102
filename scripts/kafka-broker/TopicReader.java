import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics with Java's own consumer, read_committed: of each line of its input, which names a topic, all records that
 * a reader sees now. A record is a line `partition offset key value` (base64, `-`: null); `end N` says that N partitions
 * have transactions that are still open.
 * java -cp 'jars/*' TopicReader.java bootstrap.servers
 */
public final class TopicReader {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (KafkaConsumer<byte[], byte[]> committed = consumer(args[0], "read_committed");
        KafkaConsumer<byte[], byte[]> all = consumer(args[0], "read_uncommitted")) {
      out.println("ready");
      out.flush();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String topic = line;
        List<TopicPartition> partitions =
            committed.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
        Map<TopicPartition, Long> ends = committed.endOffsets(partitions);
        long open = all.endOffsets(partitions).entrySet().stream().filter(e -> e.getValue() > ends.get(e.getKey())).count();
        committed.assign(partitions);
        committed.seekToBeginning(partitions);
        while (partitions.stream().anyMatch(p -> committed.position(p) < ends.get(p)))
          for (ConsumerRecord<byte[], byte[]> record : committed.poll(Duration.ofMillis(200)))
            if (record.offset() < ends.get(new TopicPartition(topic, record.partition())))
              out.printf("%d %d %s %s%n", record.partition(), record.offset(), text(record.key()), text(record.value()));
        out.printf("end %d%n", open);
        out.flush();
      }
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap, String isolation) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("isolation.level", isolation);
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "-" : "=" + Base64.getEncoder().encodeToString(bytes);
  }
}
